import { between, pick, randomFrom } from "./random.js";
import type { Trouble } from "./wire-proxy.js";

/** Something bad, and when: milliseconds from the beginning. */
export type Step = { readonly at: number } & (
  | { readonly kind: "kill hub"; readonly down_ms: number; readonly early_ms?: number }
  | { readonly kind: "restart hub" }
  | { readonly kind: "pause hub"; readonly ms: number }
  | { readonly kind: "fill disk"; readonly ms: number }
  | { readonly kind: "kill worker"; readonly worker: number; readonly down_ms: number }
  | { readonly kind: "pause worker"; readonly worker: number; readonly ms: number }
  | { readonly kind: "jump clock"; readonly worker: number; readonly by_ms: number }
  | { readonly kind: "wire"; readonly trouble: Trouble; readonly share: number }
);

export type PlanSize = {
  readonly seconds: number;
  readonly kills: number;
  readonly workers: number;
  readonly fills_disk: boolean;
};

const KINDS = [
  ...(["cut", "cut", "cut", "freeze", "freeze", "stall", "stall", "delay", "drip"] as const),
  ...(["pause hub", "pause worker", "pause worker", "kill worker", "kill worker", "jump clock"] as const),
] as const;

/** What happens in a run, decided by the seed alone. */
export function planOf(seed: number, size: PlanSize): readonly Step[] {
  const random = randomFrom(seed);
  const total = size.seconds * 1000;
  const steps: Step[] = [];
  const every = total / size.kills;
  for (let kill = 0; kill < size.kills; kill += 1) {
    const at = Math.round(every * (kill + 0.1 + random() * 0.8));
    const early = random() < 0.15 ? { early_ms: between(random, 20, 400) } : {};
    steps.push({ at, kind: "kill hub", down_ms: between(random, 0, 600), ...early });
  }
  for (let at = 300; at < total; at += between(random, 150, 700)) steps.push(stepOf(at, size.workers, random));
  for (let at = 6000; at < total; at += between(random, 8000, 15_000)) steps.push({ at, kind: "restart hub" });
  for (let at = 4000; size.fills_disk && at < total; at += between(random, 9000, 16_000)) {
    steps.push({ at, kind: "fill disk", ms: between(random, 500, 2000) });
  }
  return steps.sort((one, other) => one.at - other.at);
}

function stepOf(at: number, workers: number, random: () => number): Step {
  const worker = between(random, 0, workers - 1);
  const kind = pick(random, KINDS);
  const share = random() < 0.2 ? 1 : random() * 0.4;
  const ms = between(random, 200, 4000);
  switch (kind) {
    case "cut":
      return { at, kind: "wire", trouble: { kind }, share };
    case "freeze":
    case "stall":
    case "drip":
      return { at, kind: "wire", trouble: { kind, ms }, share };
    case "delay":
      return { at, kind: "wire", trouble: { kind, ms, by: between(random, 5, 120) }, share };
    case "pause hub":
      return { at, kind, ms: between(random, 100, 1500) };
    case "pause worker":
      return { at, kind, worker, ms };
    case "kill worker":
      return { at, kind, worker, down_ms: between(random, 50, 1000) };
    case "jump clock":
      return { at, kind, worker, by_ms: between(random, -86_400_000, 86_400_000) };
  }
}

/** A step as the output names it. */
export function nameOf(step: Step): string {
  return step.kind === "wire" ? `${step.trouble.kind} lines` : step.kind;
}
