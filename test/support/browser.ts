import { type ChildProcess, spawn } from "node:child_process";
import { existsSync } from "node:fs";
import { onTestFinished } from "vitest";
import { temporaryDirectory } from "./temporary-directory.js";

const CHROMIUM = "/usr/bin/chromium";

/** Why tests in a browser are skipped here; undefined where there is one, and in CI, where a missing one must fail. */
export const noBrowser: string | undefined =
  existsSync(CHROMIUM) || process.env["CI"] === "true" ? undefined : `there is no ${CHROMIUM} (Debian: chromium)`;

/** Opens a page in a headless Chromium of its own, which ends with the test and reaches nothing but loopback. */
export async function openPage(url: string): Promise<ChildProcess> {
  const profile = await temporaryDirectory();
  const flags = ["--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-sync"];
  const quiet = ["--disable-background-networking", "--disable-component-update", `--user-data-dir=${profile}`];
  const browser = spawn(CHROMIUM, [...flags, ...quiet, "--remote-debugging-port=0", url], { stdio: "ignore" });
  const ended = new Promise<void>((resolve, reject) => {
    browser.once("exit", () => resolve());
    browser.once("error", reject);
  });
  onTestFinished(async () => {
    browser.kill("SIGKILL");
    await ended;
  });
  return browser;
}
