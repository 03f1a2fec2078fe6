// How batches and their answers go between the threads: as one flat list each. The structured clone of a list of texts
// and numbers costs a quarter of that of a list of objects.
import type { ThreadAnswer, AppendOutcome, Batch, BatchReply, WriteOperation, WriteReply } from "./thread-message.js";
import type { DraftRow } from "./rows.js";

/** For each operation: an append's number of rows and their fields, or the operation itself. */
export type FlatBatch = readonly unknown[];
/** For each operation: an append's number of rows, and of each its outcome and epoch; or its answer itself. */
export type FlatReply = readonly unknown[];

const FIELDS = 8;

export function flatBatch(batch: Batch): FlatBatch {
  const flat: unknown[] = [];
  for (const operation of batch) {
    if (operation.op !== "append") {
      flat.push(operation);
      continue;
    }
    flat.push(operation.rows.length);
    for (const row of operation.rows) {
      flat.push(row[0], row[1], row[2], row[3], row[4], row[5], row[6], row[7]);
    }
  }
  return flat;
}

export function unflatBatch(flat: FlatBatch): Batch {
  const batch: WriteOperation[] = [];
  for (let at = 0; at < flat.length; ) {
    const first = flat[at];
    at += 1;
    if (typeof first !== "number") {
      // As flatBatch put it there; so are the rows below.
      batch.push(first as WriteOperation);
      continue;
    }
    const rows: DraftRow[] = [];
    for (const end = at + first * FIELDS; at < end; at += FIELDS) {
      rows.push(flat.slice(at, at + FIELDS) as unknown as DraftRow);
    }
    batch.push({ op: "append", rows });
  }
  return batch;
}

export function flatReply(answers: BatchReply): FlatReply {
  const flat: unknown[] = [];
  for (const answer of answers) {
    if (!("reply" in answer) || !isAppendReply(answer.reply)) {
      flat.push(answer);
      continue;
    }
    const { outcomes, epochs } = answer.reply;
    flat.push(outcomes.length);
    for (let index = 0; index < outcomes.length; index += 1) flat.push(outcomes[index], epochs[index]);
  }
  return flat;
}

export function unflatReply(flat: FlatReply): BatchReply {
  const answers: ThreadAnswer<WriteReply>[] = [];
  for (let at = 0; at < flat.length; ) {
    const first = flat[at];
    at += 1;
    if (typeof first !== "number") {
      // As flatReply put it there; so are the outcomes below.
      answers.push(first as ThreadAnswer<WriteReply>);
      continue;
    }
    const outcomes: AppendOutcome[] = [];
    const epochs: string[] = [];
    for (const end = at + first * 2; at < end; at += 2) {
      outcomes.push(flat[at] as AppendOutcome);
      epochs.push(flat[at + 1] as string);
    }
    answers.push({ reply: { outcomes, epochs } });
  }
  return answers;
}

function isAppendReply(reply: WriteReply): reply is Extract<WriteReply, { readonly outcomes: unknown }> {
  return typeof reply === "object" && reply !== null && "outcomes" in reply;
}
