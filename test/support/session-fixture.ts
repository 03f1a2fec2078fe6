import { nanoid } from "nanoid";
import { onTestFinished } from "vitest";
import { type ChatState, currentRoom } from "../../src/chat/chat-state.js";
import { WebSocketClient } from "../../src/client/node.js";
import type { ResumePoint } from "../../src/protocol/command.js";
import type { RoomId } from "../../src/protocol/room-id.js";
import type { UserId } from "../../src/protocol/user-id.js";
import { type ChatServer, type ChatServerOptions, createChatServer } from "../../src/server/server.js";
import type { CachedPage, HistoryCache, Stretch } from "../../src/session/history-cache.js";
import { createMemoryOutbox } from "../../src/session/outbox.js";
import { Session } from "../../src/session/session.js";
import type { SessionParts } from "../../src/session/session-parts.js";
import { eagerRuntime } from "./client-fixture.js";

/** A hub of the test's own, in memory unless told otherwise, where people who leave are gone at once. */
export async function startServer(
  options: ChatServerOptions & { readonly port?: number } = {},
): Promise<{ server: ChatServer; url: string; port: number }> {
  const { port = 0, ...rest } = options;
  const server = createChatServer({ settings: { presence: { offline_grace: "0s" } }, ...rest });
  onTestFinished(() => server.stop());
  const listening = await server.listen({ host: "127.0.0.1", port });
  return { server, url: listening.url, port: listening.port };
}

type Person = { readonly name: string; readonly url: string; readonly room?: string };

/** A session of somebody, not started yet. Its client comes back at once, without jitter. */
export function newSession(person: Person, parts: Partial<SessionParts> = {}): Session {
  const { name, url, room = "general" } = person;
  const user_id = name.toLowerCase() as UserId;
  const cache = parts.cache ?? new MemoryCache();
  const session = new Session(
    {
      self: { user_id, username: name },
      server_url: url,
      createClient: (username) =>
        new WebSocketClient(url, user_id, username, {
          key: `key-of-${user_id}`,
          resume: cache.points(),
          runtime: eagerRuntime,
          calls: true,
        }),
      outbox: createMemoryOutbox(),
      cache,
      recogniseServer: () => undefined,
      rememberName: () => {},
      now: Date.now,
      newId: nanoid,
      ...parts,
    },
    room as RoomId,
  );
  onTestFinished(() => session.quit());
  return session;
}

export async function startSession(person: Person, parts: Partial<SessionParts> = {}): Promise<Session> {
  const session = newSession(person, parts);
  await session.start();
  return session;
}

/** Resolves with the state as soon as it is as told. */
export function until({ store }: Session, holds: (state: ChatState) => boolean): Promise<ChatState> {
  return new Promise((resolve) => {
    const look = (): boolean => {
      const state = store.getState();
      if (holds(state)) resolve(state);
      return holds(state);
    };
    if (look()) return;
    const stop = store.subscribe(() => {
      if (look()) stop();
    });
  });
}

/** The texts of a room's messages, the current room's by default. */
export function textsIn(state: ChatState, room_id: string = state.current): string[] {
  const entries = state.rooms.get(room_id as RoomId)?.entries ?? [];
  return entries.flatMap((entry) => (entry.kind === "message" ? [entry.message.message] : []));
}

export function noticesIn(state: ChatState): string[] {
  return currentRoom(state).entries.flatMap((entry) => (entry.kind === "notice" ? [entry.text] : []));
}

/** Runs a line and gives the last notice it led to. */
export async function answerTo(session: Session, line: string): Promise<string> {
  await session.submit(line);
  return noticesIn(session.store.getState()).at(-1) ?? "";
}

/** Direct rooms' messages, whatever the room's id. */
export function directTexts(state: ChatState): string[] {
  return [...state.rooms.keys()].filter((id) => id.startsWith("dm:")).flatMap((id) => textsIn(state, id));
}

/** A cache that forgets with the test. */
export class MemoryCache implements HistoryCache {
  readonly #rooms = new Map<RoomId, { point: Required<ResumePoint>; page: CachedPage }>();

  record({ room_id, epoch, seq, messages, calls }: Stretch, seen_at: string): void {
    const known = this.#rooms.get(room_id);
    const before =
      known?.point.epoch === epoch ? known.page : { messages: [], calls: [], fresh_at: "", epoch, read_upto: 0 };
    const page = { ...before, messages: [...before.messages, ...messages], calls: [...before.calls, ...calls] };
    this.#rooms.set(room_id, { point: { room_id, epoch, seq }, page: { ...page, fresh_at: seen_at } });
  }

  mark(room_id: RoomId, read_upto: number): void {
    const room = this.#rooms.get(room_id);
    if (room === undefined) return;
    const upto = Math.max(room.page.read_upto, Math.min(read_upto, room.point.seq ?? 0));
    this.#rooms.set(room_id, { ...room, page: { ...room.page, read_upto: upto } });
  }

  forget(room_id: RoomId): void {
    this.#rooms.delete(room_id);
  }

  expire(): void {}

  points(): readonly Required<ResumePoint>[] {
    return [...this.#rooms.values()].map(({ point }) => point);
  }

  read(room_id: RoomId, { before = Infinity, limit }: { before?: number; limit: number }): CachedPage | undefined {
    const room = this.#rooms.get(room_id);
    if (room === undefined) return undefined;
    const messages = room.page.messages.filter(({ seq }) => seq < before).slice(-limit);
    return { ...room.page, messages };
  }
}
