import type { RawData, WebSocket } from "ws";
import { type Failure, failure } from "../../protocol/error-code.js";
import type { ServerEvent } from "../../protocol/event.js";
import type { RoomId } from "../../protocol/room-id.js";
import type { Device } from "../hub/device.js";
import type { Hub } from "../hub/hub.js";
import type { Encoder } from "../hub/outlet.js";
import type { Logger } from "../telemetry/logger.js";
import type { Dialect } from "./dialects/dialect.js";
import type { Beating } from "./heartbeat.js";
import type { SocketOutlet } from "./socket-outlet.js";

/** Failures in a row after which a connection is closed: an honest client mends its ways earlier. */
const MAX_FAILURES = 100;

export type ConnectionParts = {
  readonly hub: Hub;
  readonly device: Device;
  readonly ws: WebSocket;
  readonly outlet: SocketOutlet;
  readonly dialect: Dialect;
  readonly room_id?: RoomId;
  readonly encode: Encoder;
  readonly logger: Logger;
  /** Commands that may wait, and answers that may be owed, before the socket is no longer read. */
  readonly max_pending: number;
  readonly now: () => number;
};

/**
 * A connection that has been let in: frames become commands, one after the other; answers become frames. It reads no
 * faster than it can answer.
 */
export class Connection implements Beating {
  heard_at: number;
  pinged_at = 0;
  readonly #parts: ConnectionParts;
  readonly #waiting: string[] = [];
  #owed = 0;
  #failures = 0;
  #commands = 0;
  #isPumping = false;
  #wake: (() => void) | undefined;
  #settled: (() => void) | undefined;

  constructor(parts: ConnectionParts) {
    this.#parts = parts;
    this.heard_at = parts.now();
  }

  /** Takes a frame as it comes from the socket. */
  take(data: RawData, isBinary: boolean): void {
    this.heard_at = this.#parts.now();
    if (isBinary) return this.#onFailure(failure("bad_frame", "frames are text, not binary"));
    this.#waiting.push(String(data));
    if (this.#waiting.length >= this.#parts.max_pending) this.#parts.ws.pause();
    if (!this.#isPumping) void this.#pump();
  }

  /** Any sign of life, such as a pong. */
  onHeard(): void {
    this.heard_at = this.#parts.now();
  }

  onDrained(): void {
    if (this.#parts.outlet.behind) return;
    this.#wakeUp();
    this.#parts.hub.drained(this.#parts.device);
  }

  ping(): void {
    this.#parts.ws.ping();
  }

  onSilent(): void {
    this.#parts.outlet.close(4408, "no sign of life");
    // Whoever is silent will not answer the close either.
    this.#parts.ws.terminate();
  }

  /** Says something that no command asked for. */
  tell(event: ServerEvent): void {
    const frame = this.#parts.encode(event, this.#parts.dialect.variant, {});
    if (frame !== undefined) this.#parts.outlet.write(frame);
  }

  /** Reads no more, and resolves when every command taken has been answered. */
  async settle(): Promise<void> {
    this.#parts.ws.pause();
    while (this.#isPumping || this.#owed > 0) {
      await new Promise<void>((resolve) => {
        this.#settled = resolve;
      });
    }
  }

  close(code: 1001 | 1012, reason: string): void {
    this.#parts.outlet.close(code, reason);
  }

  onClosed(): void {
    this.#waiting.length = 0;
    this.#wakeUp();
    this.#parts.hub.detach(this.#parts.device);
  }

  async #pump(): Promise<void> {
    this.#isPumping = true;
    for (let text = this.#waiting.shift(); text !== undefined; text = this.#waiting.shift()) {
      while (this.#mustWait()) await this.#woken();
      await this.#run(text);
      if (this.#waiting.length === 0 && !this.#mustWait()) this.#parts.ws.resume();
    }
    this.#isPumping = false;
    this.#settled?.();
  }

  #mustWait(): boolean {
    if (this.#parts.device.is_gone) return false;
    return this.#owed >= this.#parts.max_pending || this.#parts.outlet.behind;
  }

  async #run(text: string): Promise<void> {
    const { dialect, room_id, device, hub } = this.#parts;
    if (device.is_gone) return;
    this.#commands += 1;
    const request_id = `${device.connection_id}-${this.#commands}`;
    const decoded = dialect.decode(text, room_id === undefined ? { request_id } : { request_id, room_id });
    if (!decoded.ok) return this.#onFailure(decoded.failure, decoded.reply_to);
    const command = decoded.value;
    for (;;) {
      let delay = 0;
      this.#owed += 1;
      await hub.handle(device, command, (event) => {
        this.#owed -= 1;
        // A dialect without words for «too fast» is slowed down instead: nothing its user wrote is lost.
        if (!dialect.tells_failures && event.type === "error" && event.payload.retryable) {
          delay = event.payload.retry_after_ms ?? 1000;
        } else this.#answer(event, command.id);
        this.#onAnswered();
      });
      if (delay === 0 || device.is_gone) return;
      await this.#pause(delay);
    }
  }

  #answer(event: ServerEvent, reply_to: string): void {
    if (event.type === "error") return this.#onFailure(event.payload, reply_to);
    this.#failures = 0;
    this.#write(event, reply_to);
  }

  #onFailure(reason: Failure, reply_to?: string): void {
    this.#failures += 1;
    const { dialect, logger, device, outlet } = this.#parts;
    const level = dialect.tells_failures ? "debug" : "warn";
    logger[level](
      { connection_id: device.connection_id, code: reason.code, reason: reason.message },
      "a frame was refused",
    );
    if (dialect.tells_failures) this.#write({ type: "error", payload: reason }, reply_to);
    if (this.#failures < MAX_FAILURES) return;
    if (reason.code === "too_fast") outlet.close(4429, "too fast, again and again");
    else outlet.close(4400, "too many bad frames");
  }

  #write(event: ServerEvent, reply_to: string | undefined): void {
    const context = reply_to === undefined || reply_to === "" ? {} : { reply_to };
    const frame = this.#parts.encode(event, this.#parts.dialect.variant, context);
    if (frame !== undefined) this.#parts.outlet.write(frame);
  }

  #onAnswered(): void {
    this.#wakeUp();
    if (this.#owed === 0) this.#settled?.();
  }

  #pause(ms: number): Promise<void> {
    return new Promise((resolve) => {
      const timer = setTimeout(resolve, ms);
      this.#parts.ws.once("close", () => {
        clearTimeout(timer);
        resolve();
      });
    });
  }

  #woken(): Promise<void> {
    this.#parts.ws.pause();
    return new Promise((resolve) => {
      this.#wake = resolve;
    });
  }

  #wakeUp(): void {
    const wake = this.#wake;
    this.#wake = undefined;
    wake?.();
  }
}
