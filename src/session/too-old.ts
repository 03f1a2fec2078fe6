import { type Failure, failure } from "../protocol/error-code.js";
import type { OutboxEntry } from "./outbox.js";

/** How long a message may wait. A hub's retention has to be longer, or it could no longer tell a repeat from news. */
const MAX_AGE_DAYS = 30;

/** Why a message has waited too long to be sent by itself; undefined if it has not. */
export function tooOld({ created_at }: OutboxEntry, now_ms: number): Failure | undefined {
  const age_days = (now_ms - Date.parse(created_at)) / (24 * 3600 * 1000);
  if (!(age_days > MAX_AGE_DAYS)) return undefined;
  return failure(
    "conflict",
    `it waited more than ${MAX_AGE_DAYS} days: say it again if it still matters, and drop this one`,
  );
}
