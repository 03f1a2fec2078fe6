// Do the tests of the faults table fail on a build that has the faults? `npm run check:faults -- DIR`, where DIR is a
// checkout of that build with its packages installed. Its sources are run with the tests of this checkout, in a copy.
// `-- DIR test/unit` runs those of the files that begin so.
import { spawnSync } from "node:child_process";
import { cpSync, mkdtempSync, readFileSync, rmSync, symlinkSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";

const root = fileURLToPath(new URL("..", import.meta.url));
/** What the tests are and how they are run; everything else is the old build's. */
const OURS = ["test", "vitest.config.ts", "vitest.package.config.ts"];
const TIMEOUT_MS = 15_000;
const KEPT_OUT = /(^|\/)(node_modules|dist|\.git)$/;

const [given, prefix = ""] = process.argv.slice(2);
if (given === undefined) {
  console.error("check-faults: name the checkout that has the faults: npm run check:faults -- DIR");
  process.exitCode = 2;
} else {
  process.exitCode = await check(resolve(process.env.INIT_CWD ?? ".", given));
}

async function check(old) {
  const copy = mkdtempSync(join(tmpdir(), "mangahub-faults-"));
  try {
    const rows = await readRows(copy);
    cpSync(old, copy, { recursive: true, filter: (path) => !KEPT_OUT.test(path.slice(old.length)) });
    for (const name of OURS) {
      rmSync(join(copy, name), { recursive: true, force: true });
      cpSync(join(root, name), join(copy, name), { recursive: true });
    }
    symlinkSync(join(old, "node_modules"), join(copy, "node_modules"));
    return report(rows, runTests(copy, rows));
  } finally {
    rmSync(copy, { recursive: true, force: true });
  }
}

/** The rows that name a test of vitest. */
async function readRows(folder) {
  const bundled = join(folder, "table.mjs");
  const entry = join(root, "test/spec/faults/table.ts");
  await build({ entryPoints: [entry], bundle: true, format: "esm", platform: "node", outfile: bundled });
  const { FAULTS } = await import(bundled);
  return FAULTS.filter(({ file, is_package }) => file?.startsWith(prefix) && !is_package);
}

/** Outcomes by file: whether it could be loaded, and the status of each title. */
function runTests(copy, rows) {
  const files = [...new Set(rows.map(({ file }) => file))];
  const json = join(copy, "report.json");
  const vitest = join(copy, "node_modules/vitest/vitest.mjs");
  const names = [...new Set(rows.map(({ test }) => `(?:${patternOf(test)})$`))].join("|");
  // What waits for something that the old build never does is to wait no longer than it takes on this one.
  const options = [
    "--reporter=json",
    `--outputFile=${json}`,
    `--testTimeout=${TIMEOUT_MS}`,
    "--testNamePattern",
    names,
  ];
  const args = [vitest, "run", ...options, ...files];
  spawnSync(process.execPath, args, { cwd: copy, stdio: ["ignore", "ignore", "inherit"] });
  const { testResults } = JSON.parse(readFileSync(json, "utf8"));
  return new Map(testResults.map(({ name, assertionResults }) => [name.slice(copy.length + 1), assertionResults]));
}

function report(rows, outcomes) {
  const counts = { failed: 0, "could not be loaded": 0, passed: 0, "not found": 0 };
  for (const row of rows) {
    const outcome = outcomeOf(row, outcomes.get(row.file) ?? []);
    counts[outcome] += 1;
    if (outcome === "passed" || outcome === "not found")
      console.log(`${outcome}: ${row.entry} ${row.file}: ${row.test}`);
    if (outcome === "could not be loaded") console.log(`${outcome} there: ${row.entry} ${row.file}`);
  }
  console.log(
    Object.entries(counts)
      .map(([outcome, count]) => `${count} ${outcome}`)
      .join(", "),
  );
  return counts.passed + counts["not found"] > 0 ? 1 : 0;
}

/** A row of `it.each` has several tests: one that fails is enough. */
function outcomeOf({ test }, results) {
  if (results.length === 0) return "could not be loaded";
  const pattern = titlePattern(test);
  const found = results.filter(({ title }) => pattern.test(title));
  if (found.length === 0) return "not found";
  return found.some(({ status }) => status === "failed") ? "failed" : "passed";
}

function titlePattern(title) {
  return new RegExp(`^${patternOf(title)}$`);
}

/** Titles of `it.each` are templates: %s, $name. */
function patternOf(title) {
  const escaped = title.replace(/[.*+?^()|[\]\\{}]/g, "\\$&");
  return escaped.replace(/%[\d.]*[sdifjo]|\$[\w.]+/g, "[\\s\\S]*");
}
