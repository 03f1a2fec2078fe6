import type { Duplex } from "node:stream";
import type { RawData, WebSocket } from "ws";
import { type Failure, failure } from "../../protocol/error-code.js";
import type { Command } from "../../protocol/command.js";
import type { CustomCommand, CustomEvent } from "../../protocol/custom.js";
import type { ServerEvent } from "../../protocol/event.js";
import type { RoomId } from "../../protocol/room-id.js";
import { classOf } from "../hub/command-class.js";
import type { Device } from "../hub/device.js";
import type { Hub } from "../hub/hub.js";
import type { Encoder } from "../hub/outlet.js";
import { refusalFacts } from "../hub/request-facts.js";
import type { Logger } from "../telemetry/logger.js";
import type { Dialect } from "./dialects/dialect.js";
import { FloodWatch } from "./flood-watch.js";
import type { Beating } from "./heartbeat.js";
import { MAX_MISTAKES } from "./mistakes.js";
import { delayOf } from "./retry-delay.js";
import type { SocketOutlet } from "./socket-outlet.js";
import { SocketWatch } from "./socket-watch.js";
import { textOf } from "./text-frame.js";

type Asked = Command | CustomCommand;
type Said = ServerEvent | CustomEvent;

export type ConnectionParts = {
  readonly hub: Hub;
  readonly device: Device;
  readonly ws: WebSocket;
  readonly outlet: SocketOutlet;
  readonly socket: Duplex;
  readonly dialect: Dialect;
  readonly room_id: RoomId | undefined;
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
  pinged_at = 0;
  readonly #parts: ConnectionParts;
  readonly #waiting: string[] = [];
  readonly #watch: SocketWatch;
  /** Frames that have arrived whole. */
  #frames = 0;
  #owed = 0;
  #mistakes = 0;
  #flood: FloodWatch | undefined;
  #commands = 0;
  #isPumping = false;
  #isPaused = false;
  /** No more frames are taken: it is being closed, or its server stops. */
  #isEnding = false;
  #wake: (() => void) | undefined;
  #settled: (() => void) | undefined;
  /** Ends the wait of `#insist`: the connection is gone. */
  #abandon: (() => void) | undefined;

  constructor(parts: ConnectionParts) {
    this.#parts = parts;
    this.#watch = new SocketWatch(parts, parts.now());
  }

  look(now: number): void {
    this.#watch.look(now, this.#frames);
  }

  /** Silence counts only while it is listened to, or while what was written waits for the other side. */
  get heard_at(): number {
    return this.#isPaused && !this.#parts.outlet.behind ? this.#parts.now() : this.#watch.heard_at;
  }

  /** A message counts as unfinished only while it is listened to. */
  get unfinished_since(): number | undefined {
    return this.#isPaused ? undefined : this.#watch.unfinished_since;
  }

  /** Takes a frame as it comes from the socket. */
  take(data: RawData, isBinary: boolean): void {
    this.#frames += 1;
    if (this.#isEnding) return;
    if (isBinary) return this.#onFailure(failure("bad_frame", "frames are text, not binary"));
    const text = textOf(data);
    if (!this.#isPumping && !this.#mustWait()) {
      const running = this.#run(text);
      // The usual case: it is done, or on its way into the log, and the next one may come.
      if (running !== undefined) void this.#pump(running);
      return;
    }
    this.#waiting.push(text);
    if (this.#waiting.length >= this.#parts.max_pending) this.#stopReading();
    if (!this.#isPumping) void this.#pump();
  }

  onDrained(): void {
    this.#watch.heard_at = this.#parts.now();
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

  onUnfinished(): void {
    this.#parts.outlet.close(4408, "a message did not end in time");
    // Nor will a close be answered between the pieces of a message.
    this.#parts.ws.terminate();
  }

  /** Says something that no command asked for. */
  tell(event: Said): void {
    const frame = this.#parts.encode(event, this.#parts.outlet.variant, {});
    if (frame !== undefined) this.#parts.outlet.write(frame);
  }

  /** Reads no more, and resolves when every command taken has been answered, or the connection is gone. */
  async settle(): Promise<void> {
    this.#isEnding = true;
    this.#stopReading();
    while (!this.#parts.device.is_gone && (this.#isPumping || this.#owed > 0)) {
      await new Promise<void>((resolve) => {
        this.#settled = resolve;
      });
    }
  }

  onClosed(): void {
    this.#isEnding = true;
    this.#waiting.length = 0;
    this.#parts.hub.detach(this.#parts.device);
    this.#wakeUp();
    this.#settled?.();
    this.#abandon?.();
  }

  /** Works off the frames that wait, one after the other, behind the one that is `running`. */
  async #pump(running?: Promise<void>): Promise<void> {
    this.#isPumping = true;
    if (running !== undefined) await running;
    for (let text = this.#waiting.shift(); text !== undefined; text = this.#waiting.shift()) {
      while (this.#mustWait()) await this.#woken();
      await this.#run(text);
      if (this.#waiting.length === 0 && !this.#mustWait()) this.#readOn();
    }
    this.#isPumping = false;
    this.#settled?.();
  }

  #mustWait(): boolean {
    if (this.#parts.device.is_gone) return false;
    return this.#owed >= this.#parts.max_pending || this.#parts.outlet.behind;
  }

  /** Carries out what a frame says. A promise if the next one has to wait for it; never rejects. */
  #run(text: string): Promise<void> | undefined {
    try {
      return this.#carryOut(text);
    } catch (error) {
      this.#onBroken(error);
      return undefined;
    }
  }

  /** One frame's mistake must not end the process; its sender learns of it. */
  #onBroken(error: unknown): void {
    this.#parts.logger.error({ err: error, connection_id: this.#parts.device.connection_id }, "a frame failed");
    this.#onFailure(failure("internal", "the hub failed to read this frame"));
  }

  #carryOut(text: string): Promise<void> | undefined {
    const { dialect, room_id, device, hub } = this.#parts;
    if (device.is_gone) return undefined;
    this.#commands += 1;
    const request_id = `${device.connection_id}-${this.#commands}`;
    const context = { request_id, isCustom: hub.custom.knows, room_id };
    const decoded = dialect.decode(text, context);
    if (!decoded.ok) {
      this.#onFailure(decoded.failure, decoded.reply_to);
      return undefined;
    }
    if (!dialect.tells_failures) return this.#insist(decoded.value);
    return this.#perform(decoded.value, (event) => this.#answer(event, decoded.value));
  }

  /** A dialect without words for «not now» is slowed down instead: nothing its user wrote is lost or overtaken. */
  #insist(command: Asked): Promise<void> {
    return new Promise((resolve) => this.#attempt(command, resolve));
  }

  #attempt(command: Asked, onOver: () => void): void {
    this.#abandon = onOver;
    void this.#perform(command, (answer) => {
      if (this.#parts.device.is_gone) return onOver();
      const delay = answer?.type === "error" ? delayOf(answer.payload) : 0;
      if (delay === 0) {
        // Whatever goes wrong with its answer, the next one's turn comes.
        onOver();
        return this.#answer(answer, command);
      }
      const timer = setTimeout(() => this.#attempt(command, onOver), delay);
      this.#abandon = () => {
        clearTimeout(timer);
        onOver();
      };
    });
  }

  /** Hands a command to the hub; the answer comes once, maybe later than the next command may start. */
  #perform(command: Asked, onAnswer: (event: Said | undefined) => void): Promise<void> | undefined {
    let isOwed = true;
    this.#owed += 1;
    return this.#parts.hub.handle(this.#parts.device, command, (event) => {
      if (!isOwed) return;
      isOwed = false;
      this.#owed -= 1;
      onAnswer(event);
      this.#wakeUp();
      if (this.#owed === 0) this.#settled?.();
    });
  }

  #answer(event: Said | undefined, { id: reply_to, type }: Asked): void {
    if (event?.type === "error") {
      this.#onFailure(event.payload, reply_to);
      if (event.payload.code === "too_fast") this.#onTooFast(type, event.payload);
      return;
    }
    this.#mistakes = 0;
    if (event !== undefined) this.#write(event, reply_to);
  }

  #onFailure(reason: Failure, reply_to?: string): void {
    const { dialect, logger, device } = this.#parts;
    const level = dialect.tells_failures ? "debug" : "warn";
    logger[level](refusalFacts(device, reason, reply_to), "a frame was refused");
    this.#write({ type: "error", payload: reason }, reply_to);
    // What may succeed later unchanged is no mistake of the client's.
    if (reason.retryable) return;
    this.#mistakes += 1;
    if (this.#mistakes >= MAX_MISTAKES) this.close(4400, "too many bad frames");
  }

  #onTooFast(type: Asked["type"], { retry_after_ms = 0 }: Failure): void {
    this.#flood ??= new FloodWatch();
    const isFlood = this.#flood.refused(classOf(type), { now: this.#parts.now(), retry_after_ms });
    if (isFlood) this.close(4429, "too fast, again and again: wait retry_after_ms");
  }

  /** Takes no more frames, and says goodbye. */
  close(code: 1001 | 1012 | 4400 | 4429, reason: string): void {
    this.#isEnding = true;
    this.#waiting.length = 0;
    this.#parts.outlet.close(code, reason);
  }

  #write(event: Said, reply_to: string | undefined): void {
    const context = reply_to === undefined || reply_to === "" ? {} : { reply_to };
    const frame = this.#parts.encode(event, this.#parts.outlet.variant, context);
    if (frame !== undefined) this.#parts.outlet.writeSoon(frame);
  }

  #stopReading(): void {
    this.#isPaused = true;
    this.#parts.ws.pause();
  }

  #readOn(): void {
    if (this.#isEnding || !this.#isPaused) return;
    this.#isPaused = false;
    this.#watch.restart(this.#parts.now());
    this.#parts.ws.resume();
  }

  #woken(): Promise<void> {
    this.#stopReading();
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
