import { createServer, type IncomingMessage, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { type WebSocket, WebSocketServer } from "ws";
import type { Command, CommandOf, CommandType } from "../../src/protocol/command.js";
import type { EventPayload, ResumeResult, ServerEvent } from "../../src/protocol/event.js";
import { decodeCommand, encodeEvent, SUBPROTOCOL } from "../../src/protocol/frame.js";
import type { RoomId } from "../../src/protocol/room-id.js";
import type { UserId } from "../../src/protocol/user-id.js";

/** A queue whose reader waits for what is not there yet. */
class Inbox<T> {
  #items: T[] = [];
  #readers: { readonly wants: (item: T) => boolean; readonly resolve: (item: T) => void }[] = [];

  put(item: T): void {
    const reader = this.#readers.find(({ wants }) => wants(item));
    if (reader === undefined) {
      this.#items.push(item);
      return;
    }
    this.#readers = this.#readers.filter((other) => other !== reader);
    reader.resolve(item);
  }

  take(wants: (item: T) => boolean = () => true): Promise<T> {
    const found = this.#items.find(wants);
    if (found !== undefined) {
      this.#items = this.#items.filter((other) => other !== found);
      return Promise.resolve(found);
    }
    return new Promise((resolve) => this.#readers.push({ wants, resolve }));
  }

  get size(): number {
    return this.#items.length;
  }
}

/** The hub's side of one connection: says what the test tells it, and hands over what the client says. */
export class HubPeer {
  readonly url: URL;
  readonly authorization: string | undefined;
  /** The code of the close, however it came. */
  readonly ended: Promise<number>;
  readonly #socket: WebSocket;
  readonly #inbox = new Inbox<Command>();
  #frames = 0;

  constructor(socket: WebSocket, request: IncomingMessage) {
    this.#socket = socket;
    this.url = new URL(request.url ?? "/", "ws://hub");
    this.authorization = request.headers.authorization;
    this.ended = new Promise((resolve) => socket.on("close", resolve));
    socket.on("message", (bytes) => {
      // The server keeps the default binary type, which is one Buffer.
      const decoded = decodeCommand((bytes as Buffer).toString("utf8"));
      if (!decoded.ok) throw new Error(`the client sent a frame the hub cannot read: ${decoded.failure.message}`);
      this.#inbox.put(decoded.value);
    });
  }

  /** The next command of this type not taken yet, whatever came before it. */
  async take<T extends CommandType>(type: T): Promise<CommandOf<T>> {
    const command = await this.#inbox.take((candidate) => candidate.type === type);
    // The filter above has chosen by type.
    return command as CommandOf<T>;
  }

  /** The next command, whatever it is. */
  next(): Promise<Command> {
    return this.#inbox.take();
  }

  get unread(): number {
    return this.#inbox.size;
  }

  say(event: ServerEvent, reply_to?: string): void {
    const id = `s-${(this.#frames += 1)}`;
    const frame = { id, timestamp: "2026-01-01T00:00:00.000Z", ...(reply_to === undefined ? {} : { reply_to }) };
    this.#socket.send(encodeEvent(event, frame));
  }

  sayRaw(text: string): void {
    this.#socket.send(text);
  }

  welcome(overrides: Partial<EventPayload<"connected">> = {}): void {
    const user = {
      user_id: (this.url.searchParams.get("user_id") ?? "") as UserId,
      username: this.url.searchParams.get("username") ?? "",
      claimed: this.authorization !== undefined,
    };
    const limits = { max_frame_bytes: 65_536, max_message_bytes: 16_384, max_rooms: 256 };
    const server = { server_id: "hub-1", version: "0.1.0", protocol: 1 };
    this.say({
      type: "connected",
      payload: { connection_id: "c1", user, server, limits, heartbeat_ms: 25_000, ...overrides },
    });
  }

  /** Takes the next subscribe and answers it with these rooms. */
  async answerSubscribe(...rooms: ResumeResult[]): Promise<CommandOf<"subscribe">> {
    const command = await this.take("subscribe");
    this.say({ type: "subscribed", payload: { topics: command.payload.topics ?? [], rooms } }, command.id);
    return command;
  }

  ack(command: CommandOf<"message.send">, seq: number): void {
    const { client_id, room_id = "dm:a:b" as RoomId } = command.payload;
    const payload = { client_id, id: `m-${seq}`, room_id, seq, epoch: "e1", timestamp: 1_700_000_000 };
    this.say({ type: "message.ack", payload }, command.id);
  }

  close(code: number, reason = ""): void {
    this.#socket.close(code, reason);
  }

  /** Cuts the line without a close. */
  cut(): void {
    this.#socket.terminate();
  }
}

/** A real WebSocket server on a free port that does nothing by itself. */
export class ScriptedHub {
  readonly #http: Server;
  readonly #sockets: WebSocketServer;
  readonly #peers = new Inbox<HubPeer>();
  #refusal: { readonly status: number; readonly body: string; readonly headers: Record<string, string> } | undefined;

  private constructor(protocol: string | false) {
    this.#http = createServer((_request, response) => response.writeHead(426).end("upgrade required"));
    this.#sockets = new WebSocketServer({ noServer: true, handleProtocols: () => protocol });
    this.#http.on("upgrade", (request, socket, head) => {
      if (this.#refusal !== undefined) {
        const { status, body, headers } = this.#refusal;
        const lines = Object.entries(headers).map(([name, value]) => `${name}: ${value}\r\n`);
        socket.end(
          `HTTP/1.1 ${status} No\r\n${lines.join("")}Content-Length: ${Buffer.byteLength(body)}\r\n\r\n${body}`,
        );
        return;
      }
      this.#sockets.handleUpgrade(request, socket, head, (ws) => this.#peers.put(new HubPeer(ws, request)));
    });
  }

  /** Starts listening; `protocol` is the subprotocol it picks, false for none. */
  static async start(protocol: string | false = SUBPROTOCOL): Promise<ScriptedHub> {
    const hub = new ScriptedHub(protocol);
    await new Promise<void>((resolve) => hub.#http.listen(0, "127.0.0.1", resolve));
    return hub;
  }

  get url(): string {
    // A server that listens on a port has an AddressInfo.
    return `ws://127.0.0.1:${(this.#http.address() as AddressInfo).port}`;
  }

  /** From now on answers upgrades with plain HTTP; without a status lets clients in again. */
  refuse(status?: number, body = "", headers: Record<string, string> = {}): void {
    this.#refusal = status === undefined ? undefined : { status, body, headers };
  }

  /** The next connection. */
  next(): Promise<HubPeer> {
    return this.#peers.take();
  }

  /** The next connection, let in. */
  async accept(): Promise<HubPeer> {
    const peer = await this.next();
    peer.welcome();
    return peer;
  }

  async stop(): Promise<void> {
    for (const ws of this.#sockets.clients) ws.terminate();
    this.#http.closeAllConnections();
    await new Promise((resolve) => this.#http.close(resolve));
  }
}
