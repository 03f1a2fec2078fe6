import { existsSync, readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import type { FaultRow } from "./fault-row.js";
import { FAULTS } from "./table.js";

const numbered = (prefix: string, count: number) =>
  Array.from({ length: count }, (_, index) => `${prefix}${index + 1}`);
const REPORTED = "01 02 04 06 08 09 11 13 15 17 19 21 23 24 25 27 28 29 31 32 34 35 36 38 39 40 41 42";
const ENTRIES = [
  ...numbered("1.", 20),
  ...numbered("2.A", 8),
  ...numbered("3.1.", 7),
  ...REPORTED.split(" ").map((number) => `4.F${number}`),
  ...numbered("5.S", 10),
  ...numbered("5.A", 16),
  ...numbered("5.P", 9),
  ...numbered("5.T-S", 10),
  ...numbered("5.T-A", 20),
  ...numbered("5.T-P", 18),
];

describe("the table of faults", () => {
  it("has a row for each fault that was found", () => {
    const known = new Set(FAULTS.map(({ entry }) => entry));
    expect(ENTRIES.filter((entry) => !known.has(entry))).toEqual([]);
  });

  it("names a test that is there, or says why there is none", () => {
    expect(FAULTS.flatMap((row) => faultOf(row) ?? [])).toEqual([]);
  });
});

function faultOf(row: FaultRow): string | undefined {
  if ("left" in row) return row.left.length > 10 ? undefined : `${row.entry}: no reason`;
  if (!existsSync(row.file)) return `${row.entry}: there is no ${row.file}`;
  return namesTest(readFileSync(row.file, "utf8"), row.test)
    ? undefined
    : `${row.entry}: ${row.file} has no test "${row.test}"`;
}

/** The title as a literal of its source, whichever quotes it has there. */
function namesTest(source: string, title: string): boolean {
  return ['"', "'", "`"].some((quote) => source.includes(`${quote}${title.replaceAll(quote, `\\${quote}`)}${quote}`));
}
