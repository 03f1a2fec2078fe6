import type { Session } from "../../session/session.js";

const MINUTE_MS = 60_000;

/** What the screen asks the server for by itself: the round trip, once a minute, and the rooms there are. */
export class ServerWatch {
  readonly #session: Session;
  #minute: number;
  #listed: readonly string[] = [];

  constructor(session: Session) {
    this.#session = session;
    this.#minute = minuteOf(session.parts.now());
  }

  /** The public rooms the server named last. */
  get listedRooms(): readonly string[] {
    return this.#listed;
  }

  /** To be told the time at every frame. */
  tick(nowMs: number): void {
    if (minuteOf(nowMs) === this.#minute) return;
    this.#minute = minuteOf(nowMs);
    void this.measure();
  }

  async measure(): Promise<void> {
    const { client, store } = this.#session;
    if (!client.isConnected) return;
    try {
      store.dispatch({ type: "round_trip.measured", ms: await client.ping() });
    } catch {
      // The connection broke just now; the status says so.
    }
  }

  async listRooms(): Promise<void> {
    const { client } = this.#session;
    if (!client.isConnected) return;
    try {
      const { rooms } = await client.rooms();
      this.#listed = rooms.map(({ room_id }) => room_id);
    } catch {
      // Completion knows fewer rooms until the next time.
    }
  }
}

function minuteOf(nowMs: number): number {
  return Math.floor(nowMs / MINUTE_MS);
}
