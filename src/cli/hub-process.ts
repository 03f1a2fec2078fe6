import { type ChildProcess, spawn } from "node:child_process";
import { open, readFile } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { databaseFile } from "../config/paths.js";
import { makeFolder } from "../files/make-folder.js";
import { type Context, serverAddress } from "./context.js";
import { EXIT_CODES } from "./exit-code.js";
import { type HubHealth, nameHub, probeHub, speaksOurProtocol } from "./hub-health.js";
import { MangahubError } from "./mangahub-error.js";

/** How long a hub stays after its last client has left, if a client started it. */
const LINGER = "30s";
const READY_WITHIN_MS = 15_000;
const TAKEN_FOR_MS = 5000;
const POLL_EVERY_MS = 50;
const MAX_LOG_BYTES = 5 * 1024 * 1024;

/** What `serve` tells the process that started it, over Node's channel between parent and child. */
export type ListeningMessage = { readonly type: "listening"; readonly url: string };

/**
 * The address of a hub that runs now. If it is this machine's default one and nobody is there, a hub is started in the
 * background (unless the settings say no). Throws MangahubError when that fails or something else has the port.
 */
export async function ensureHub(context: Context): Promise<string> {
  const { url, local } = serverAddress(context);
  if (!local || !context.config.client.start_hub) return url;
  const found = await probeHub(url);
  if (found === "absent") await startHub(context, url);
  else assertOurs(found, url);
  return url;
}

/** Throws the MangahubError that says who has the local port, unless it is a hub of this version after all. */
export async function nameStranger(context: Context): Promise<void> {
  const { url } = serverAddress(context);
  const found = await probeHub(url);
  if (found !== "absent") assertOurs(found, url);
}

async function startHub(context: Context, url: string): Promise<void> {
  makeFolder(context.paths.data_dir);
  const logPath = join(context.paths.data_dir, "hub.log");
  const deadline = performance.now() + TAKEN_FOR_MS;
  for (;;) {
    const end = await spawnHub(context, logPath);
    const found = await pollHub(url, end === "listening" ? READY_WITHIN_MS : 500);
    if (typeof found === "object") return assertOurs(found, url);
    // The port or the database is taken: by the hub of another client that starts, or by one that is just ending.
    const isTaken = end === EXIT_CODES.unreachable && performance.now() < deadline;
    if (isTaken) continue;
    if (found === "foreign") return assertOurs(found, url);
    break;
  }
  const reason = await lastLine(logPath);
  throw new MangahubError("unreachable", `the hub could not be started: ${reason}`, {
    hint: `more is in ${logPath}; or start one yourself: mangahub serve`,
  });
}

/** Resolves when the new process listens, or with its exit code when it ended before. */
async function spawnHub(context: Context, logPath: string): Promise<"listening" | number> {
  const log = await openLog(logPath);
  try {
    // The port is this command's choice, and the token is not the hub's business.
    const { PORT: _port, MANGAHUB_TOKEN: _token, ...env } = context.env;
    const child = spawn(process.execPath, [binary(), ...serveArguments(context)], {
      // Not the person's directory: its mangahub.config.yaml is for a `serve` that is started there on purpose.
      cwd: context.paths.data_dir,
      env,
      detached: true,
      windowsHide: true,
      stdio: ["ignore", log.fd, log.fd, "ipc"],
    });
    return await readiness(child);
  } finally {
    await log.close();
  }
}

function serveArguments({ config, paths, cwd }: Context): string[] {
  const args = ["serve", "--linger", LINGER, "--port", String(config.websocket.port), "--data-dir", paths.data_dir];
  // A hub for this machine alone is found by ws://, whatever the settings say of one for others.
  args.push("--tls-cert", "", "--tls-key", "");
  if (paths.config_named) args.push("--config", paths.config_file);
  const { path } = config.database;
  if (path !== "") args.push("--database", databaseFile(path, { data_dir: paths.data_dir, cwd }));
  return args;
}

function readiness(child: ChildProcess): Promise<"listening" | number> {
  return new Promise((resolve) => {
    const settle = (end: "listening" | number): void => {
      clearTimeout(deadline);
      // From here on it lives without us: neither its channel nor its handle may keep this process.
      if (child.connected) child.disconnect();
      child.unref();
      resolve(end);
    };
    const deadline = setTimeout(() => settle(EXIT_CODES.failure), READY_WITHIN_MS);
    child.once("message", () => settle("listening"));
    child.once("error", () => settle(EXIT_CODES.failure));
    child.once("exit", (code) => settle(code ?? EXIT_CODES.failure));
  });
}

async function pollHub(url: string, patience_ms: number): Promise<HubHealth | "absent" | "foreign"> {
  const deadline = performance.now() + patience_ms;
  for (;;) {
    const found = await probeHub(url);
    if (typeof found === "object" || performance.now() > deadline) return found;
    await delay(POLL_EVERY_MS);
  }
}

function assertOurs(found: HubHealth | "absent" | "foreign", url: string): void {
  const { port } = new URL(url);
  if (typeof found === "string") {
    throw new MangahubError("unreachable", `something that is no hub listens on port ${port}`, {
      hint: "end it, or choose another port: mangahub config set websocket.port 9094",
    });
  }
  if (speaksOurProtocol(found)) return;
  throw new MangahubError(
    "unreachable",
    `the hub on port ${port} is mangahub ${found.version} and speaks protocol ${found.protocol}, which this version does not`,
    { hint: `end ${nameHub(found)}, and try again; or install the same version` },
  );
}

async function openLog(path: string) {
  const log = await open(path, "a", 0o600);
  const { size } = await log.stat();
  if (size > MAX_LOG_BYTES) await log.truncate(0);
  return log;
}

async function lastLine(path: string): Promise<string> {
  const lines = (await readFile(path, "utf8")).split("\n");
  return lines.findLast((line) => line.startsWith("mangahub: "))?.slice("mangahub: ".length) ?? "it ended at once";
}

/** bin/mangahub.js is two folders up, from src/cli as from dist/bin. */
function binary(): string {
  return fileURLToPath(new URL("../../bin/mangahub.js", import.meta.url));
}
