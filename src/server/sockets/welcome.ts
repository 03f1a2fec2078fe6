import type { Duplex } from "node:stream";
import type { RawData, WebSocket } from "ws";
import { type CloseCode } from "../../protocol/close-code.js";
import { type Failure, failure } from "../../protocol/error-code.js";
import type { ServerEvent } from "../../protocol/event.js";
import { decodeCommand, PROTOCOL_VERSION } from "../../protocol/frame.js";
import { LIMITS } from "../../protocol/limits.js";
import { VERSION } from "../../protocol/version.js";
import type { GuestKeys, Identification, Introduction } from "../auth/guest-keys.js";
import { openReadable } from "../hub/commands/readable-room.js";
import type { Device } from "../hub/device.js";
import type { Hub } from "../hub/hub.js";
import type { Encoder } from "../hub/outlet.js";
import { Room } from "../hub/room.js";
import type { Logger } from "../telemetry/logger.js";
import { isLoopback } from "./address.js";
import { Connection } from "./connection.js";
import { SocketOutlet } from "./socket-outlet.js";
import type { UpgradeRequest } from "./upgrade-request.js";

/** The `websocket` group of the config; durations in ms. */
export type SocketSettings = {
  readonly write_wait: number;
  readonly pong_wait: number;
  readonly ping_period: number;
  readonly max_message_size: number;
  readonly client_buffer_size: number;
};

export type WelcomeParts = {
  readonly hub: Hub;
  readonly keys: GuestKeys;
  readonly encode: Encoder;
  readonly logger: Logger;
  readonly settings: SocketSettings;
  readonly now: () => number;
};

/** How long a connection may take to show its key. */
const KEY_DEADLINE_MS = 5000;

export type Arrival = {
  readonly connection_id: string;
  readonly ws: WebSocket;
  readonly socket: Duplex;
  readonly address: string;
  readonly upgrade: UpgradeRequest;
};

type Known = Extract<Identification, { status: "known" }>;

/**
 * From the opened socket to a connection of the hub: who is it, may it have that name, and, if the path names a room,
 * a seat there. Undefined if it was turned away (and told so) or left meanwhile.
 */
export async function welcome(parts: WelcomeParts, arrival: Arrival): Promise<Connection | undefined> {
  const { ws, upgrade } = arrival;
  const outlet = outletOf(parts, arrival);
  const queue = new FrameQueue(ws);
  const found = await identify(parts, { arrival, outlet, queue });
  if (found === undefined) return undefined;
  const device = await attach(parts, { arrival, outlet, found });
  if (device === undefined || ws.readyState !== ws.OPEN) return leaveAgain(parts, device);
  const { hub, encode, logger, settings, now } = parts;
  const { dialect, room_id } = upgrade;
  const place = room_id === undefined ? {} : { room_id };
  const facts = { hub, device, ws, outlet, dialect, encode, logger, now, ...place };
  const connection = new Connection({ ...facts, max_pending: settings.client_buffer_size });
  await takeSeat(parts, device, upgrade);
  if (ws.readyState !== ws.OPEN) return leaveAgain(parts, device);
  connection.tell(connectedEvent(parts, device));
  arrival.socket.on("drain", () => connection.onDrained());
  ws.on("pong", () => connection.onHeard());
  ws.once("close", () => connection.onClosed());
  queue.handOver((data, isBinary) => connection.take(data, isBinary));
  logger.info({ connection_id: device.connection_id, ...device.user, address: arrival.address }, "connected");
  return connection;
}

function outletOf(parts: WelcomeParts, { ws, socket, upgrade }: Arrival): SocketOutlet {
  return new SocketOutlet(upgrade.dialect.variant, { ws, socket, close_wait: parts.settings.write_wait });
}

type Greeting = { readonly arrival: Arrival; readonly outlet: SocketOutlet; readonly queue: FrameQueue };

/** By the key in the header, else in the first frame if the id needs one or the client announced it. */
async function identify(parts: WelcomeParts, greeting: Greeting): Promise<Known | undefined> {
  const { introduction, key_follows, dialect } = greeting.arrival.upgrade;
  let found = await parts.keys.identify(introduction);
  const wantsKey = found.status === "key_needed" || (key_follows && introduction.key === undefined);
  if (wantsKey && dialect.tells_failures) {
    found = await identifyByFrame(parts, greeting, introduction);
    if (found.status !== "known") return turnAway(parts, greeting, failureOf(found));
    say(parts, greeting, { type: "auth.success", payload: { user: found.user } });
  }
  return found.status === "known" ? found : turnAway(parts, greeting, failureOf(found));
}

async function identifyByFrame(
  parts: WelcomeParts,
  { queue }: Greeting,
  introduction: Introduction,
): Promise<Identification> {
  const frame = await queue.first(KEY_DEADLINE_MS);
  const decoded = frame === undefined ? undefined : decodeCommand(frame);
  if (decoded?.ok !== true || decoded.value.type !== "authenticate") {
    return {
      status: "refused",
      failure: failure("not_authenticated", "this id needs its key: send authenticate first"),
    };
  }
  return parts.keys.identify({ ...introduction, key: decoded.value.payload.token });
}

function failureOf(found: Identification): Failure {
  return found.status === "refused"
    ? found.failure
    : failure("not_authenticated", "this id belongs to somebody with a key");
}

async function attach(
  parts: WelcomeParts,
  { arrival, outlet, found }: { arrival: Arrival; outlet: SocketOutlet; found: Known },
): Promise<Device | undefined> {
  const { connection_id, address, upgrade } = arrival;
  const claimed = found.key_hash !== undefined;
  const is_local = isLoopback(address);
  const facts = { connection_id, address, is_local, outlet, claimed, user: found.user };
  // A dialect that cannot be told of a taken name gets the next free one.
  const device = await parts.hub.attach({ ...facts, on_taken: upgrade.dialect.tells_failures ? "refuse" : "number" });
  if ("code" in device) {
    say(parts, { arrival, outlet }, { type: "error", payload: device });
    outlet.close(4409, device.message);
    return undefined;
  }
  if (found.key_hash !== undefined) {
    await parts.keys.remember(device.user, { key_hash: found.key_hash, seen_ms: parts.now() });
    disown(parts, device);
  }
  return device;
}

/** Connections that used the id without a key give way to its owner. */
function disown(parts: WelcomeParts, owner: Device): void {
  for (const device of parts.hub.people.devicesOf(owner.user.user_id)) {
    if (!device.claimed) device.outlet.close(4401, "this id now belongs to somebody with a key");
  }
}

/** `/ws/:room` reads its room from the start, from now on; history is asked for. */
async function takeSeat(parts: WelcomeParts, device: Device, upgrade: UpgradeRequest): Promise<void> {
  if (!upgrade.dialect.tells_failures) device.hears_direct = true;
  if (upgrade.room_id === undefined) return;
  const room = await openReadable(parts.hub, device, upgrade.room_id);
  const isLive = device.outlet.variant === upgrade.dialect.variant && !device.is_gone;
  if (room instanceof Room && isLive) {
    parts.hub.join(device, room, { messages: true, presence: upgrade.dialect.tells_failures });
  } else if (!(room instanceof Room)) device.outlet.close(4429, room.message);
}

function connectedEvent(parts: WelcomeParts, { connection_id, user, claimed }: Device): ServerEvent {
  const { settings, hub } = parts;
  return {
    type: "connected",
    payload: {
      connection_id,
      user: { ...user, claimed },
      server: { server_id: hub.store.server_id, version: VERSION, protocol: PROTOCOL_VERSION },
      limits: {
        max_frame_bytes: settings.max_message_size,
        max_message_bytes: LIMITS.maxMessageBytes,
        max_rooms: hub.max_rooms,
      },
      heartbeat_ms: settings.ping_period,
    },
  };
}

function turnAway(
  parts: WelcomeParts,
  greeting: { arrival: Arrival; outlet: SocketOutlet },
  reason: Failure,
): undefined {
  const event: ServerEvent =
    reason.code === "not_authenticated"
      ? { type: "auth.failed", payload: { code: reason.code, message: reason.message } }
      : { type: "error", payload: reason };
  say(parts, greeting, event);
  const code: CloseCode = reason.code === "bad_payload" ? 4400 : reason.code === "forbidden" ? 4403 : 4401;
  greeting.outlet.close(code, reason.message);
  parts.logger.info({ address: greeting.arrival.address, code: reason.code, reason: reason.message }, "turned away");
  return undefined;
}

function leaveAgain(parts: WelcomeParts, device: Device | undefined): undefined {
  if (device !== undefined) parts.hub.detach(device);
  return undefined;
}

function say(
  parts: WelcomeParts,
  { arrival, outlet }: { arrival: Arrival; outlet: SocketOutlet },
  event: ServerEvent,
): void {
  const frame = parts.encode(event, arrival.upgrade.dialect.variant, {});
  if (frame !== undefined) outlet.write(frame);
}

/** Frames that come before the hub is ready for them. The socket is not read meanwhile, so they are few. */
class FrameQueue {
  readonly #ws: WebSocket;
  readonly #frames: [RawData, boolean][] = [];
  readonly #keep = (data: RawData, isBinary: boolean) => {
    this.#frames.push([data, isBinary]);
    this.#onFrame?.();
  };
  #onFrame: (() => void) | undefined;

  constructor(ws: WebSocket) {
    this.#ws = ws;
    ws.on("message", this.#keep);
    ws.pause();
  }

  /** The first frame as text; undefined when none comes in time. */
  async first(deadline_ms: number): Promise<string | undefined> {
    if (this.#frames.length === 0) await this.#arrival(deadline_ms);
    const frame = this.#frames.shift();
    return frame === undefined || frame[1] ? undefined : String(frame[0]);
  }

  /** Passes on what was kept, and everything from now on. */
  handOver(onMessage: (data: RawData, isBinary: boolean) => void): void {
    this.#ws.off("message", this.#keep);
    for (const frame of this.#frames.splice(0)) onMessage(...frame);
    this.#ws.on("message", onMessage);
    this.#ws.resume();
  }

  #arrival(deadline_ms: number): Promise<void> {
    return new Promise((resolve) => {
      const timer = setTimeout(resolve, deadline_ms);
      const done = () => {
        clearTimeout(timer);
        resolve();
      };
      this.#onFrame = () => {
        this.#ws.pause();
        done();
      };
      this.#ws.once("close", done);
      this.#ws.resume();
    });
  }
}
