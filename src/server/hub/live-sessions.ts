import type { Device } from "./device.js";

type Live = { expires_ms: number; readonly devices: Set<Device> };

type Surroundings = {
  readonly now: () => number;
  readonly startTimer: (ms: number, onTime: () => void) => () => void;
  /** Closes a device whose session has ended. */
  readonly end: (device: Device, reason: string) => void;
};

/** Timers cannot wait longer than 24.8 days. */
const MAX_TIMER_MS = 24 * 3600 * 1000;

/** The sessions that have connections now: each ends all of its own when it is ended, or when its time has come. */
export class LiveSessions {
  readonly #surroundings: Surroundings;
  readonly #sessions = new Map<string, Live>();
  /** One timer for all: when the first of them may expire. */
  #next = Number.POSITIVE_INFINITY;
  #cancel: () => void = () => {};

  constructor(surroundings: Surroundings) {
    this.#surroundings = surroundings;
  }

  add(device: Device): void {
    if (device.session === undefined) return;
    const { session_id, expires_ms } = device.session;
    // Of two readings of the same session the later expiry is the one after a refresh.
    const live = this.#sessions.get(session_id) ?? { expires_ms, devices: new Set() };
    live.expires_ms = Math.max(live.expires_ms, expires_ms);
    live.devices.add(device);
    this.#sessions.set(session_id, live);
    this.#expect(live.expires_ms);
  }

  remove(device: Device): void {
    const session_id = device.session?.session_id ?? "";
    const live = this.#sessions.get(session_id);
    live?.devices.delete(device);
    if (live?.devices.size === 0) this.#sessions.delete(session_id);
  }

  /** The session goes on until then. */
  extend(session_id: string, expires_ms: number): void {
    const live = this.#sessions.get(session_id);
    // The timer may come too early now; it looks again.
    if (live !== undefined) live.expires_ms = expires_ms;
  }

  /** Closes every connection of these sessions. */
  end(session_ids: readonly string[], reason: string): void {
    for (const session_id of session_ids) {
      const live = this.#sessions.get(session_id);
      this.#sessions.delete(session_id);
      for (const device of live?.devices ?? []) this.#surroundings.end(device, reason);
    }
  }

  close(): void {
    this.#cancel();
    this.#next = Number.POSITIVE_INFINITY;
  }

  #expect(expires_ms: number): void {
    if (expires_ms >= this.#next) return;
    this.#cancel();
    this.#next = expires_ms;
    const { now, startTimer } = this.#surroundings;
    this.#cancel = startTimer(Math.min(Math.max(0, expires_ms - now()), MAX_TIMER_MS), () => this.#expire());
  }

  #expire(): void {
    this.#next = Number.POSITIVE_INFINITY;
    const now = this.#surroundings.now();
    const due = [...this.#sessions].filter(([, { expires_ms }]) => expires_ms <= now);
    this.end(
      due.map(([session_id]) => session_id),
      "the session has expired: log in anew",
    );
    const rest = [...this.#sessions.values()].map(({ expires_ms }) => expires_ms);
    const first = rest.reduce((least, each) => Math.min(least, each), Number.POSITIVE_INFINITY);
    if (first < Number.POSITIVE_INFINITY) this.#expect(first);
  }
}
