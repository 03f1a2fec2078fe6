import type { Entry, Numbered } from "./record.js";

/** What must hold, by the name under which the output says whether it does. */
export const INVARIANTS = [
  "acked implies stored",
  "shown implies stored",
  "kept in an outbox implies stored, once everything runs again",
  "stored implies exactly one seq",
  "seqs are 1..head without holes within an epoch",
  "each subscriber saw a strictly increasing sequence without holes between ok and reset",
  "the same client_id is the same seq for ever",
  "all saw the same order",
  "nobody received an event of a room after its own removal",
  "a sender's messages keep their order",
  "after kill -9 and restart all of these still hold",
  "marks never go back",
  "everybody has reached the head in the end",
  "the server's memory stays bounded",
] as const;

export type Invariant = (typeof INVARIANTS)[number];

/** One breach, in words that name the client, the room and the numbers. */
export type Breach = { readonly invariant: Invariant; readonly what: string };

export type StoredMessage = {
  readonly room_id: string;
  readonly epoch: string;
  readonly seq: number;
  readonly id: string;
  readonly user_id: string;
  readonly client_id: string | null;
  readonly message: string;
};

export type StoredRoom = {
  readonly room_id: string;
  readonly epoch: string;
  readonly head: number;
  readonly oldest: number;
};

export type StoredMark = {
  readonly room_id: string;
  readonly user_id: string;
  readonly delivered: number;
  readonly read: number;
  /** As much of it as others may know. */
  readonly told_delivered: number;
  readonly told_read: number;
};

/** The database after the last stop. */
export type FinalDatabase = {
  readonly rooms: readonly StoredRoom[];
  readonly messages: readonly StoredMessage[];
  readonly marks: readonly StoredMark[];
};

export type Evidence = {
  /** One history for each process, each in the order in which it was written. */
  readonly histories: readonly (readonly Entry[])[];
  readonly database: FinalDatabase;
  /** When the server was killed, Unix milliseconds. */
  readonly kills: readonly number[];
  /** The server's resident memory as it was sampled, bytes. */
  readonly memory: readonly number[];
  readonly memory_limit: number;
  /** What each client must have reached in the end: its last room. Absent for runs that were not let come to rest. */
  readonly settled?: readonly { readonly client: string; readonly room_id: string }[];
};

/** Where something was stored, in one word. */
export function placeOf(at: { readonly room_id: string; readonly epoch: string; readonly seq: number }): string {
  return `${at.room_id} ${at.epoch} ${at.seq}`;
}

export type Breaches = (what: string) => void;

/** Whether events are `after + 1`, `after + 2` … in this order; without a start, whether they have no hole. */
export function holeIn(events: readonly Numbered[], after: number | undefined): string | undefined {
  let last = after;
  for (const [seq] of events) {
    if (last !== undefined && seq !== last + 1) return `${seq} came after ${last}`;
    last = seq;
  }
  return undefined;
}
