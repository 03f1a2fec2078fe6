import type { Entry } from "./record.js";
import { type Breaches, type FinalDatabase, placeOf, type StoredMessage } from "./verdict.js";

/** The stored messages by what they can be asked for. */
export class Stored {
  readonly database: FinalDatabase;
  readonly byPlace = new Map<string, StoredMessage>();
  readonly byClientId = new Map<string, StoredMessage[]>();

  constructor(database: FinalDatabase) {
    this.database = database;
    for (const message of database.messages) {
      this.byPlace.set(placeOf(message), message);
      const { client_id } = message;
      if (client_id !== null) this.byClientId.set(client_id, [...(this.byClientId.get(client_id) ?? []), message]);
    }
  }

  /** Why an event that somebody was shown at a place is not what is stored there; undefined if it is. */
  fault(at: { readonly room_id: string; readonly epoch: string; readonly seq: number; readonly id: string }) {
    const found = this.byPlace.get(placeOf(at));
    if (found === undefined) return `nothing is stored at ${placeOf(at)}`;
    return found.id === at.id ? undefined : `${found.id} is stored at ${placeOf(at)}, not ${at.id}`;
  }
}

export function checkAcks(entries: readonly Entry[], stored: Stored, breach: Breaches): void {
  for (const entry of entries) {
    if (entry.kind !== "acked") continue;
    const fault = stored.fault(entry);
    if (fault !== undefined) breach(`${entry.client} had ${entry.client_id} acknowledged, but ${fault}`);
    else if (stored.byPlace.get(placeOf(entry))?.client_id !== entry.client_id) {
      breach(`${entry.client} had ${entry.client_id} acknowledged as ${placeOf(entry)}, which is another message`);
    }
  }
}

export function checkShown(entries: readonly Entry[], stored: Stored, breach: Breaches): void {
  for (const entry of entries) {
    if (entry.kind !== "applied") continue;
    for (const [seq, id] of entry.events) {
      const fault = stored.fault({ ...entry, seq, id });
      if (fault !== undefined) breach(`${entry.client} was shown ${id}, but ${fault}`);
    }
  }
}

/** What was kept and not refused is there, with the text that was sent. */
export function checkKept(entries: readonly Entry[], stored: Stored, breach: Breaches): void {
  const refused = new Set(entries.flatMap((entry) => (entry.kind === "refused" ? [entry.client_id] : [])));
  const texts = new Map(entries.flatMap((entry) => (entry.kind === "sent" ? [[entry.client_id, entry.text]] : [])));
  for (const entry of entries) {
    if (entry.kind !== "kept" || refused.has(entry.client_id)) continue;
    const [found] = stored.byClientId.get(entry.client_id) ?? [];
    if (found === undefined) breach(`${entry.client} kept ${entry.client_id}, which never arrived`);
    else if (found.message !== texts.get(entry.client_id)) breach(`${entry.client_id} is stored with another text`);
  }
}

export function checkOneSeq(stored: Stored, breach: Breaches): void {
  const ids = new Set<string>();
  const places = new Set<string>();
  for (const message of stored.database.messages) {
    if (ids.has(message.id)) breach(`the id ${message.id} is stored more than once`);
    if (places.has(placeOf(message))) breach(`two messages are stored at ${placeOf(message)}`);
    ids.add(message.id);
    places.add(placeOf(message));
  }
  for (const [client_id, found] of stored.byClientId) {
    if (found.length > 1) breach(`${client_id} is stored ${found.length} times: ${found.map(placeOf).join(", ")}`);
  }
}

export function checkDense({ database }: Stored, breach: Breaches): void {
  for (const { room_id, epoch, head, oldest } of database.rooms) {
    const seqs = database.messages
      .filter((message) => message.room_id === room_id && message.epoch === epoch)
      .map(({ seq }) => seq)
      .sort((one, other) => one - other);
    const isDense = seqs.every((seq, index) => seq === oldest + index);
    if (!isDense || oldest + seqs.length - 1 !== head) {
      breach(`${room_id} has ${seqs.length} messages from ${seqs[0]} to ${seqs.at(-1)}, and its head is ${head}`);
    }
  }
}

/** Every acknowledgement, repeated ones too, and every row name the same place for a client_id. */
export function checkIdempotence(entries: readonly Entry[], stored: Stored, breach: Breaches): void {
  const places = new Map<string, Set<string>>();
  const note = (client_id: string, place: string) => {
    places.set(client_id, (places.get(client_id) ?? new Set()).add(place));
  };
  for (const entry of entries) if (entry.kind === "acked") note(entry.client_id, placeOf(entry));
  for (const [client_id, found] of stored.byClientId) for (const message of found) note(client_id, placeOf(message));
  for (const [client_id, found] of places) {
    if (found.size > 1) breach(`${client_id} is at ${[...found].join(" and at ")}`);
  }
}

/** The order in which one client sent to one room is that of seq. */
export function checkSenders(histories: readonly (readonly Entry[])[], stored: Stored, breach: Breaches): void {
  for (const history of histories) {
    const last = new Map<string, StoredMessage>();
    for (const entry of history) {
      if (entry.kind !== "sent") continue;
      const [found] = stored.byClientId.get(entry.client_id) ?? [];
      if (found === undefined) continue;
      const key = `${entry.client} ${found.room_id}`;
      const before = last.get(key);
      if (before !== undefined && found.seq < before.seq) {
        breach(`${entry.client} sent ${before.client_id} before ${entry.client_id}, but ${before.seq} > ${found.seq}`);
      }
      last.set(key, found);
    }
  }
}
