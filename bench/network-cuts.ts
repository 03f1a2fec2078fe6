import { setTimeout as delay } from "node:timers/promises";
import { CONTESTANTS, type Contestant, type Reader, startContest } from "./network-cuts-clients.js";
import { CutProxy } from "./network-cuts-proxy.js";
import { number, type Result } from "./report.js";
import { interleave, median, percentile } from "./rounds.js";

type Form = { readonly cuts: number; readonly every_ms: number; readonly rounds: number };

/** In both forms a connection holds long enough between two cuts that a client's back-off starts over. */
const LONG: Form = { cuts: 4, every_ms: 15_000, rounds: 1 };
const SHORT: Form = { cuts: 3, every_ms: 6000, rounds: 1 };

const READERS = 20;
const MESSAGES_PER_SECOND = 100;
const SETTLE_MS = 2000;

type Outcome = {
  readonly sent: number;
  /** Part of all messages that each reader should have had. */
  readonly delivered: number;
  readonly duplicates: number;
  /** From a cut until the reader was connected again, ms. */
  readonly back_p99_ms: number;
  /** From then until the last message it had missed was there, ms; NaN if nothing was ever replayed. */
  readonly replay_p99_ms: number;
};

type Heard = { readonly id: number; readonly at: number };

/** What one reader heard, and when it was connected again. */
class Listener {
  readonly heard: Heard[] = [];
  readonly back: number[] = [];
  readonly ears = {
    onMessage: (id: number) => void this.heard.push({ id, at: performance.now() }),
    onBack: () => void this.back.push(performance.now()),
  };
}

/** The same network for everybody: all readers' sockets are cut again and again; the writer's is not. */
export async function benchCuts(rounds: number, { full }: { readonly full: boolean }): Promise<Result> {
  const form = full ? LONG : SHORT;
  const plan = { rounds: Math.min(rounds, form.rounds), items: CONTESTANTS };
  const outcomes = await interleave(plan, (contestant) => contend(contestant, form));
  const rows = CONTESTANTS.map((contestant) => ({ contestant, ...mediansOf(outcomes.get(contestant) ?? []) }));
  const [ours] = rows;
  return {
    name: "cuts",
    tables: [
      {
        title: `${READERS} readers, ${MESSAGES_PER_SECOND} messages/s, all sockets cut every ${form.every_ms / 1000} s, ${form.cuts} times; medians of ${plan.rounds} rounds`,
        header: ["server", "sent", "delivered", "duplicates", "back p99 ms", "replay p99 ms"],
        rows: rows.map(({ contestant, ...row }) => [
          contestant,
          String(row.sent),
          `${(row.delivered * 100).toFixed(3)} %`,
          String(row.duplicates),
          number(row.back_p99_ms),
          number(row.replay_p99_ms),
        ]),
      },
    ],
    targets: [
      { what: "mangahub, delivered", value: (ours?.delivered ?? 0) * 100, rule: "at least", limit: 100, unit: " %" },
      { what: "mangahub, duplicates", value: ours?.duplicates ?? Number.NaN, rule: "at most", limit: 0, unit: "" },
    ],
    notes: [
      "delivered: messages the server acknowledged, as each reader had them in the end; replay: from the new connection to the last message missed",
      "mangahub stores each message in SQLite before it acknowledges; Socket.IO 4.8 keeps nothing, with recovery in memory",
      "all clients try again after 0 to 250 ms",
    ],
    figures: { form, readers: READERS, per_second: MESSAGES_PER_SECOND, rows },
  };
}

async function contend(contestant: Contestant, form: Form): Promise<Outcome> {
  const contest = await startContest(contestant);
  const proxy = await CutProxy.listen(contest.port);
  const listeners = Array.from({ length: READERS }, () => new Listener());
  const readers: Reader[] = [];
  try {
    for (const [index, { ears }] of listeners.entries()) {
      readers.push(await contest.read(proxy.port, `reader-${index}`, ears));
    }
    const writer = await contest.write();
    readers.push(writer);
    const acknowledged = new Map<number, number>();
    const cuts: number[] = [];
    const speaking = speak(writer.say, { acknowledged, total_ms: form.every_ms * (form.cuts + 1) });
    for (let cut = 0; cut < form.cuts; cut += 1) {
      await delay(form.every_ms);
      cuts.push(performance.now());
      proxy.cutAll();
    }
    await speaking;
    await delay(SETTLE_MS);
    return judge(listeners, { acknowledged, cuts });
  } finally {
    for (const reader of readers) reader.close();
    proxy.close();
    await contest.end();
  }
}

async function speak(
  say: (id: number) => Promise<unknown>,
  to: { readonly acknowledged: Map<number, number>; readonly total_ms: number },
): Promise<void> {
  const began = performance.now();
  const answers: Promise<unknown>[] = [];
  for (let id = 1; performance.now() - began < to.total_ms; id += 1) {
    answers.push(say(id).then(() => to.acknowledged.set(id, performance.now())));
    await delay(Math.max(0, began + (id * 1000) / MESSAGES_PER_SECOND - performance.now()));
  }
  await Promise.all(answers);
}

type Facts = { readonly acknowledged: ReadonlyMap<number, number>; readonly cuts: readonly number[] };

function judge(listeners: readonly Listener[], { acknowledged, cuts }: Facts): Outcome {
  const unique = listeners.map(({ heard }) => new Set(heard.map(({ id }) => id)));
  const had = unique.reduce((sum, ids) => sum + [...acknowledged.keys()].filter((id) => ids.has(id)).length, 0);
  const duplicates = listeners.reduce((sum, { heard }, index) => sum + heard.length - (unique[index]?.size ?? 0), 0);
  const back: number[] = [];
  const replay: number[] = [];
  for (const listener of listeners) {
    for (const [index, cut] of cuts.entries()) {
      const until = cuts[index + 1] ?? Number.POSITIVE_INFINITY;
      const at = listener.back.find((time) => time > cut && time < until);
      if (at === undefined) continue;
      back.push(at - cut);
      const missed = listener.heard.filter((heard) => isBetween(acknowledged.get(heard.id), cut, at) && heard.at > at);
      if (missed.length > 0) replay.push(Math.max(...missed.map((heard) => heard.at)) - at);
    }
  }
  return {
    sent: acknowledged.size,
    delivered: had / (acknowledged.size * listeners.length),
    duplicates,
    back_p99_ms: percentile(back, 0.99),
    replay_p99_ms: percentile(replay, 0.99),
  };
}

function isBetween(value: number | undefined, low: number, high: number): boolean {
  return value !== undefined && value > low && value < high;
}

function mediansOf(outcomes: readonly Outcome[]): Outcome {
  const middle = (name: keyof Outcome) => median(outcomes.map((outcome) => outcome[name]));
  return {
    sent: middle("sent"),
    delivered: Math.min(...outcomes.map(({ delivered }) => delivered)),
    duplicates: Math.max(...outcomes.map(({ duplicates }) => duplicates)),
    back_p99_ms: middle("back_p99_ms"),
    replay_p99_ms: middle("replay_p99_ms"),
  };
}
