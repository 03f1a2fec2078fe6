import { checkMarks } from "./check-marks.js";
import { checkApplied, checkLeft, checkSameOrder, checkSettled, checkWire } from "./check-readers.js";
import {
  checkAcks,
  checkDense,
  checkIdempotence,
  checkKept,
  checkOneSeq,
  checkSenders,
  checkShown,
  Stored,
} from "./check-storage.js";
import type { Entry } from "./record.js";
import { type Breach, type Breaches, type Evidence, INVARIANTS, type Invariant } from "./verdict.js";

/** All breaches of the invariants in what the processes saw and what the database holds in the end. Pure. */
export function check(evidence: Evidence): readonly Breach[] {
  const { histories } = evidence;
  const entries = histories.flat();
  const stored = new Stored(evidence.database);
  const checks: { readonly [Name in Invariant]: (breach: Breaches) => void } = {
    "acked implies stored": (breach) => checkAcks(entries, stored, breach),
    "shown implies stored": (breach) => checkShown(entries, stored, breach),
    "kept in an outbox implies stored, once everything runs again": (breach) => {
      if (evidence.settled !== undefined) checkKept(entries, stored, breach);
    },
    "stored implies exactly one seq": (breach) => checkOneSeq(stored, breach),
    "seqs are 1..head without holes within an epoch": (breach) => checkDense(stored, breach),
    "each subscriber saw a strictly increasing sequence without holes between ok and reset": (breach) => {
      for (const history of histories) {
        checkWire(history, breach);
        checkApplied(history, breach);
      }
    },
    "the same client_id is the same seq for ever": (breach) => checkIdempotence(entries, stored, breach),
    "nobody received an event of a room after its own removal": (breach) => {
      for (const history of histories) checkLeft(history, breach);
    },
    "all saw the same order": (breach) => checkSameOrder(entries, breach),
    "a sender's messages keep their order": (breach) => checkSenders(histories, stored, breach),
    "after kill -9 and restart all of these still hold": (breach) => checkKills(evidence, stored, breach),
    "marks never go back": (breach) => checkMarks(evidence, breach),
    "everybody has reached the head in the end": (breach) => checkSettled(evidence, breach),
    "the server's memory stays bounded": (breach) => checkMemory(evidence, breach),
  };
  return INVARIANTS.flatMap((invariant) => {
    const found: Breach[] = [];
    checks[invariant]((what) => found.push({ invariant, what }));
    return found;
  });
}

/** What somebody knew before a kill is still so in the end, and no kill began a new epoch. */
function checkKills({ histories, kills }: Evidence, stored: Stored, breach: Breaches): void {
  const epochs = new Map<string, string>();
  for (const entry of histories.flat()) {
    if (entry.kind !== "acked" && entry.kind !== "applied") continue;
    const known = epochs.get(entry.room_id) ?? entry.epoch;
    epochs.set(entry.room_id, known);
    if (known !== entry.epoch) breach(`${entry.room_id} changed its epoch from ${known} to ${entry.epoch}`);
    const survived = kills.findIndex((at) => at > entry.at);
    if (survived < 0) continue;
    for (const [seq, id] of eventsOf(entry)) {
      const fault = stored.fault({ ...entry, seq, id });
      if (fault !== undefined)
        breach(`known to ${entry.client} before kill ${survived + 1} of ${kills.length}: ${fault}`);
    }
  }
}

function eventsOf(entry: Extract<Entry, { kind: "acked" | "applied" }>) {
  return entry.kind === "acked" ? [[entry.seq, entry.id] as const] : entry.events;
}

function checkMemory({ memory, memory_limit }: Evidence, breach: Breaches): void {
  const peak = Math.max(0, ...memory);
  if (peak > memory_limit) breach(`the server held ${mib(peak)} MiB, more than ${mib(memory_limit)}`);
}

function mib(bytes: number): number {
  return Math.round(bytes / (1024 * 1024));
}
