import { type ChildProcess, fork } from "node:child_process";
import { once } from "node:events";
import { io } from "socket.io-client";
import { WebSocketClient } from "../src/client/node.js";
import { MeasuredHub } from "./measured-hub.js";

/** A reader tells what it hears, and when it is connected again. */
export type Ears = { readonly onMessage: (id: number) => void; readonly onBack: () => void };

export type Reader = { readonly close: () => void };

/** One candidate: its server, and its clients with what they do by themselves when a connection breaks. */
export type Contest = {
  readonly port: number;
  /** Resolves when the reader is in the room. */
  readonly read: (port: number, name: string, ears: Ears) => Promise<Reader>;
  /** A client that writes; `say` resolves when the server has acknowledged. */
  readonly write: () => Promise<{ readonly say: (id: number) => Promise<unknown> } & Reader>;
  readonly end: () => Promise<void>;
};

export const CONTESTANTS = ["mangahub", "Socket.IO", "Socket.IO with recovery"] as const;

export type Contestant = (typeof CONTESTANTS)[number];

export async function startContest(contestant: Contestant): Promise<Contest> {
  return contestant === "mangahub" ? startMangahub() : startSocketIo(contestant !== "Socket.IO");
}

async function startMangahub(): Promise<Contest> {
  const hub = await MeasuredHub.start("sqlite");
  const clientAt = (port: number, name: string) => {
    return new WebSocketClient(`ws://127.0.0.1:${port}`, name, name, { key: `key-of-${name}` });
  };
  return {
    port: hub.port,
    async read(port, name, { onMessage, onBack }) {
      const client = clientAt(port, name);
      client.setCallbacks({ onMessage: ({ message }) => onMessage(Number(message)), onConnect: onBack });
      await client.connect("cuts");
      return { close: () => void client.disconnect() };
    },
    async write() {
      const client = clientAt(hub.port, "writer");
      await client.connectOnly();
      const room_id = "cuts" as never;
      return { say: (id) => client.sendMessage(String(id), { room_id }), close: () => void client.disconnect() };
    },
    async end() {
      await hub.kill();
    },
  };
}

async function startSocketIo(recovers: boolean): Promise<Contest> {
  // This very program, see main.ts.
  const child: ChildProcess = fork(process.argv[1] ?? "", ["peer", recovers ? "recovery" : "plain"]);
  const [listening] = await once(child, "message");
  // Only network-cuts-peer.ts writes to this channel.
  const { port: own } = listening as { readonly port: number };
  const connect = (port: number) =>
    // As mangahub's client: the first attempt after 0 to 250 ms.
    io(`http://127.0.0.1:${port}`, {
      transports: ["websocket"],
      forceNew: true,
      reconnectionDelay: 125,
      randomizationFactor: 1,
    });
  return {
    port: own,
    async read(port, _name, { onMessage, onBack }) {
      const socket = connect(port);
      socket.on("said", onMessage);
      socket.on("connect", onBack);
      await new Promise<void>((resolve) => socket.once("connect", resolve));
      return { close: () => void socket.close() };
    },
    async write() {
      const socket = connect(own);
      await new Promise<void>((resolve) => socket.once("connect", resolve));
      return { say: (id) => socket.emitWithAck("say", id), close: () => void socket.close() };
    },
    async end() {
      const exit = once(child, "exit");
      child.kill("SIGKILL");
      await exit;
    },
  };
}
