import { describe, expect, it } from "vitest";
import { ClientKey } from "../../../src/client/client-key.js";
import { Connection, type ConnectionSetup, type Signal } from "../../../src/client/connection.js";
import { type OpenSocket, UpgradeRefused, type WebSocketLike } from "../../../src/client/platform.js";
import { decodeCommand, encodeEvent } from "../../../src/protocol/frame.js";
import type { ServerEvent } from "../../../src/protocol/event.js";
import type { UserId } from "../../../src/protocol/user-id.js";
import { VirtualRuntime } from "../../support/virtual-runtime.js";

/** A W3C-shaped socket whose other side is the test. */
class FakeSocket implements WebSocketLike {
  protocol = "mangahub.v1";
  readonly sent: string[] = [];
  closedWith: number | undefined;
  readonly #listeners: Record<string, (event: never) => void> = {};

  addEventListener(type: string, listener: (event: never) => void): void {
    this.#listeners[type] = listener;
  }

  send(text: string): void {
    this.sent.push(text);
  }

  close(code = 1005): void {
    this.closedWith = code;
  }

  emit(type: string, event: object = {}): void {
    // The listener of a type takes that type's event, which is what the tests emit.
    this.#listeners[type]?.(event as never);
  }

  say(event: ServerEvent): void {
    this.emit("message", { data: encodeEvent(event, { id: "s", timestamp: "2026-01-01T00:00:00.000Z" }) });
  }

  welcome({ protocol = 1, server_id = "hub-1" } = {}): void {
    this.emit("open");
    this.say({
      type: "connected",
      payload: {
        connection_id: "c1",
        user: { user_id: "nami" as UserId, username: "Nami", claimed: false },
        server: { server_id, version: "9.9.9", protocol },
        limits: { max_frame_bytes: 200, max_message_bytes: 100, max_rooms: 4 },
        heartbeat_ms: 25_000,
      },
    });
  }

  end(code: number, reason = ""): void {
    this.emit("close", { code, reason });
  }

  types(): string[] {
    return this.sent.map((text) => {
      const decoded = decodeCommand(text);
      return decoded.ok ? decoded.value.type : "unreadable";
    });
  }
}

function begin(options: Partial<ConnectionSetup> = {}) {
  const runtime = new VirtualRuntime();
  const sockets: FakeSocket[] = [];
  const signals: Signal[] = [];
  const open: OpenSocket = () => {
    const socket = new FakeSocket();
    sockets.push(socket);
    return socket;
  };
  const key = new ClientKey({});
  const setup = { url: "ws://hub/ws", key, open, runtime, timeoutMs: 10_000, retryFirst: false, ...options };
  const connection = new Connection(setup, (signal) => signals.push(signal));
  connection.start();
  const last = (): FakeSocket => {
    const socket = sockets.at(-1);
    if (socket === undefined) throw new Error("no socket was opened");
    return socket;
  };
  const closing = (): Signal | undefined => signals.find((signal) => signal.kind === "closed");
  return { runtime, sockets, signals, connection, last, closing };
}

describe("a connection", () => {
  it("is ready when the hub says connected, not before", () => {
    const { connection, last } = begin();
    last().emit("open");
    expect(connection.state).toEqual({ status: "connecting", attempt: 0 });
    last().welcome();
    expect(connection.state.status).toBe("ready");
  });

  it("shows its key in the first frame where the platform has no headers", () => {
    const { last } = begin({ key: new ClientKey({ key: "secret" }) });
    last().emit("open");
    expect(last().types()).toEqual(["authenticate"]);
  });

  it("comes back with growing waits after a lost line, and starts over once it held", () => {
    const { connection, last, runtime, sockets } = begin();
    last().welcome();
    runtime.advance(6000);
    last().end(1006);
    const waits: number[] = [];
    for (let attempt = 0; attempt < 9; attempt += 1) {
      waits.push((connection.state.retry_at ?? 0) - runtime.now());
      runtime.advance(waits.at(-1) ?? 0);
      last().end(1006);
    }
    expect(waits).toEqual([125, 250, 500, 1000, 2000, 4000, 7500, 7500, 7500]);
    runtime.advance(7500);
    last().welcome();
    runtime.advance(6000);
    last().end(1006);
    expect(connection.state).toMatchObject({
      status: "waiting",
      attempt: 1,
      retry_at: runtime.now() + 125,
      error: { code: "unreachable" },
    });
    expect(sockets).toHaveLength(11);
  });

  it("does not start over for a hub that lets it in only to throw it out", () => {
    const { connection, last, runtime } = begin();
    for (let round = 0; round < 5; round += 1) {
      last().welcome();
      last().end(4500);
      if (round < 4) runtime.advance((connection.state.retry_at ?? 0) - runtime.now());
    }
    expect(connection.state.attempt).toBe(5);
  });

  it("waits as long as a restarting hub asks for", () => {
    const { connection, last, runtime } = begin();
    last().welcome();
    last().end(1012, '{"retry_after_ms": 1234}');
    expect(connection.state.retry_at).toBe(runtime.now() + 1234);
  });

  it.each([1000, 4400, 4401, 4403, 4409, 4413, 1009])("never comes back after %i", (code) => {
    const { connection, last, closing, runtime, sockets } = begin();
    last().welcome();
    last().end(code);
    runtime.advance(1_000_000);
    expect(connection.state.status).toBe("closed");
    expect(closing()).toMatchObject({ error: { close_code: code, retryable: false } });
    expect(sockets).toHaveLength(1);
    expect(runtime.timers).toBe(0);
  });

  it("never comes back after auth.failed, whatever the close code, and repeats what the hub said", () => {
    const { last, closing } = begin({ key: new ClientKey({ key: "wrong" }) });
    last().emit("open");
    last().say({ type: "auth.failed", payload: { code: "not_authenticated", message: "this key is not nami's" } });
    last().end(1006);
    expect(closing()).toMatchObject({ error: { code: "not_authenticated", message: "this key is not nami's" } });
  });

  it("gives up at once if not even the first attempt succeeds, unless told to go on", () => {
    const { last, closing } = begin();
    last().emit("error", { error: new Error("connect ECONNREFUSED") });
    last().end(1006);
    expect(closing()).toMatchObject({ error: { code: "unreachable", retryable: true }, ever_ready: false });

    const patient = begin({ retryFirst: true });
    patient.last().end(1006);
    expect(patient.connection.state.status).toBe("waiting");
  });

  it("gives up on what does not speak the protocol, even when told to go on", () => {
    const foreign = begin({ retryFirst: true });
    foreign.last().protocol = "";
    foreign.last().emit("open");
    expect(foreign.closing()).toMatchObject({ error: { code: "incompatible" } });

    const newer = begin({ retryFirst: true });
    newer.last().welcome({ protocol: 2 });
    expect(newer.closing()).toMatchObject({ error: { code: "incompatible" } });
  });

  it("does not go on with another server at the same address: what waits is not meant for it", () => {
    const { last, runtime, closing } = begin();
    last().welcome();
    last().end(1006);
    runtime.advance(250);
    last().welcome({ server_id: "hub-2" });
    expect(closing()).toMatchObject({ error: { code: "refused" } });
  });

  it("tries at once when told that the server is there again", () => {
    const { connection, last, sockets, runtime } = begin();
    last().welcome();
    connection.reconnectNow();
    last().end(1006);
    connection.reconnectNow();
    expect(connection.state).toEqual({ status: "connecting", attempt: 1 });
    runtime.advance(5000);
    expect(sockets).toHaveLength(2);
  });

  it("waits as Retry-After says when the upgrade is answered with 503", () => {
    const { connection, last, runtime } = begin({ retryFirst: true });
    last().emit("error", { error: new UpgradeRefused(503, "", 3000) });
    last().end(1006);
    expect(connection.state.retry_at).toBe(runtime.now() + 3000);
  });

  it("gives up an opening that takes longer than the timeout", () => {
    const { runtime, closing } = begin();
    runtime.advance(10_000);
    expect(closing()).toMatchObject({ error: { code: "unreachable" } });
  });

  it("looks into silence with a ping and drops a half-open line", () => {
    const { connection, last, runtime, signals } = begin();
    last().welcome();
    runtime.advance(29_999);
    expect(last().types()).toEqual([]);
    runtime.advance(1);
    expect(last().types()).toEqual(["ping"]);
    runtime.advance(10_000);
    expect(connection.state.status).toBe("waiting");
    expect(signals.filter((signal) => signal.kind === "lost")).toHaveLength(1);
  });

  it("stays on a line that is alive", () => {
    const { connection, last, runtime, sockets } = begin();
    last().welcome();
    for (let count = 0; count < 10; count += 1) {
      runtime.advance(30_000);
      if (last().types().length > 0) last().say({ type: "pong", payload: {} });
    }
    expect(connection.state.status).toBe("ready");
    expect(sockets).toHaveLength(1);
  });

  it("does not send what is larger than the hub reads", () => {
    const { connection, last } = begin();
    last().welcome();
    const payload = { to: "zoro", client_id: "c", message: "é".repeat(100) };
    expect(connection.send({ id: "1", type: "message.send", payload })).toMatchObject({ code: "too_large" });
    expect(last().sent).toEqual([]);
  });

  it("passes over frames it has no word for and reports those it cannot read", () => {
    const { last, signals } = begin();
    last().welcome();
    last().emit("message", { data: '{"type":"poll.opened","payload":{}}' });
    last().emit("message", { data: new ArrayBuffer(2) });
    expect(signals.some((signal) => signal.kind === "fault")).toBe(false);
    last().emit("message", { data: "nonsense" });
    expect(signals.at(-1)).toMatchObject({ kind: "fault", error: { code: "bad_frame" } });
  });

  it("closes politely, without waiting for ever, from every state", async () => {
    const ready = begin();
    ready.last().welcome();
    const closed = ready.connection.close();
    expect(ready.last().closedWith).toBe(1000);
    ready.runtime.advance(2000);
    await closed;

    const waiting = begin({ retryFirst: true });
    waiting.last().end(1006);
    await waiting.connection.close();

    const connecting = begin();
    await connecting.connection.close();
    for (const { connection, closing, runtime } of [ready, waiting, connecting]) {
      expect(connection.state.status).toBe("closed");
      expect(closing()).not.toHaveProperty("error");
      expect(runtime.timers).toBe(0);
    }
  });
});
