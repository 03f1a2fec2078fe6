import type { Failure } from "../protocol/error-code.js";
import { type RoomId, roomKind } from "../protocol/room-id.js";

/** Where a message is meant to go: a room, or a person by id or name (`id:` or `name:` in front says which). */
export type Destination = { readonly room_id: RoomId } | { readonly to: string };

/** What a destination is called in front of people: `#one-piece`, `@zoro`. */
export function destinationName(destination: Destination): string {
  if ("to" in destination) return `@${destination.to}`;
  return roomKind(destination.room_id) === "public" ? `#${destination.room_id}` : "direct messages";
}

/** A message that the server has not acknowledged yet, or has refused. */
export type OutboxEntry = {
  readonly client_id: string;
  readonly destination: Destination;
  readonly message: string;
  readonly reply_to?: number;
  /** RFC 3339. */
  readonly created_at: string;
  /** Set when the server refused it for good: it waits for /retry or /drop. */
  readonly refusal?: Failure;
};

/**
 * Messages of one person for one server, kept until acknowledged. Each call is durable when it returns; entries come
 * back in the order they were added.
 */
export interface Outbox {
  add(entry: OutboxEntry): void;
  entries(): readonly OutboxEntry[];
  /** Removes an entry: it was acknowledged, or dropped by its author. */
  remove(client_id: string): void;
  /** Marks an entry as refused, or, without a failure, as waiting again. */
  setRefusal(client_id: string, refusal?: Failure): void;
}

/** An outbox that forgets, for programs that keep nothing. */
export function createMemoryOutbox(): Outbox {
  const kept = new Map<string, OutboxEntry>();
  return {
    add: (entry) => void kept.set(entry.client_id, entry),
    entries: () => [...kept.values()],
    remove: (client_id) => void kept.delete(client_id),
    setRefusal(client_id, refusal) {
      const entry = kept.get(client_id);
      if (entry === undefined) return;
      const { refusal: _, ...waiting } = entry;
      kept.set(client_id, refusal === undefined ? waiting : { ...waiting, refusal });
    },
  };
}
