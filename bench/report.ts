/** What a figure should be; `unit` is printed behind value and limit. */
export type Target = {
  readonly what: string;
  readonly value: number;
  readonly rule: "at most" | "at least";
  readonly limit: number;
  readonly unit: string;
};

export type Table = {
  readonly title: string;
  readonly header: readonly string[];
  readonly rows: readonly (readonly string[])[];
};

/** What one benchmark found. `figures` is what the JSON holds of it. */
export type Result = {
  readonly name: string;
  readonly tables: readonly Table[];
  readonly targets: readonly Target[];
  /** Said below the tables: how the figures were checked, or why there are none. */
  readonly notes: readonly string[];
  readonly figures: Readonly<Record<string, unknown>>;
};

/** False also for a figure that could not be measured. */
export function isMet({ value, rule, limit }: Target): boolean {
  return rule === "at most" ? value <= limit : value >= limit;
}

/** `ok` or `MISSED`, and what was asked for. */
export function mark(target: Target): string {
  const sign = target.rule === "at most" ? "<=" : ">=";
  return `${isMet(target) ? "ok" : "MISSED"} (${sign} ${target.limit}${target.unit})`;
}

export function printResult(result: Result): void {
  console.log(`\n# ${result.name}`);
  for (const table of result.tables) console.log(`\n${renderTable(table)}`);
  if (result.targets.length > 0) console.log("");
  for (const target of result.targets) {
    console.log(`${target.what}: ${number(target.value)}${target.unit}  ${mark(target)}`);
  }
  if (result.notes.length > 0) console.log("");
  for (const note of result.notes) console.log(`- ${note}`);
}

/** A number with as many digits as are worth reading. */
export function number(value: number): string {
  if (Number.isNaN(value)) return "-";
  if (Math.abs(value) >= 100) return value.toFixed(0);
  return Math.abs(value) >= 10 ? value.toFixed(1) : value.toFixed(2);
}

/** A Markdown table, its columns aligned: the first to the left, the others to the right. */
function renderTable({ title, header, rows }: Table): string {
  const widths = header.map((_, column) => Math.max(3, ...[header, ...rows].map((row) => row[column]?.length ?? 0)));
  const line = (row: readonly string[]) =>
    `| ${widths.map((width, column) => pad(row[column] ?? "", width, column)).join(" | ")} |`;
  const rule = `|${widths.map((width, column) => `${"-".repeat(width + 1)}${column === 0 ? "-" : ":"}`).join("|")}|`;
  return [title, "", line(header), rule, ...rows.map(line)].join("\n");
}

function pad(text: string, width: number, column: number): string {
  return column === 0 ? text.padEnd(width) : text.padStart(width);
}
