import type { Result, Table, Target } from "../report.js";

/** What one part of the benchmark adds to its result. */
export type Part = Omit<Result, "name">;

export function partOf(tables: readonly Table[], targets: readonly Target[]): Part {
  return { tables, targets, notes: [], figures: {} };
}

export function joinParts(parts: readonly Part[]): Part {
  return {
    tables: parts.flatMap(({ tables }) => tables),
    targets: parts.flatMap(({ targets }) => targets),
    notes: parts.flatMap(({ notes }) => notes),
    figures: Object.assign({}, ...parts.map(({ figures }) => figures)),
  };
}
