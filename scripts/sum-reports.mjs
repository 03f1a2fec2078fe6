// Adds up vitest's JSON reports: `node scripts/sum-reports.mjs <failed steps> <report>...` prints `N passed, N failed`.
// A step that failed without a failed test (a type error, a crash before the first test) counts as one failure.
import { existsSync, readFileSync } from "node:fs";

const [steps = "0", ...paths] = process.argv.slice(2);
const reports = paths.filter((path) => existsSync(path)).map((path) => JSON.parse(readFileSync(path, "utf8")));
const sum = (count) => reports.reduce((total, report) => total + count(report), 0);

const passed = sum((report) => report.numPassedTests);
// A file that could not be loaded fails without a test of its own.
const failedFiles = sum(
  ({ testResults }) =>
    testResults.filter(({ status, assertionResults }) => status === "failed" && assertionResults.length === 0).length,
);
const failed = Math.max(sum((report) => report.numFailedTests) + failedFiles, Number(steps));

console.log(`${passed} passed, ${failed === 0 && passed === 0 ? 1 : failed} failed`);
process.exitCode = failed > 0 || passed === 0 ? 1 : 0;
