import { spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, readFileSync } from "node:fs";
import { mkdir, writeFile } from "node:fs/promises";
import { connect } from "node:net";
import { join } from "node:path";
import { onTestFinished, vi } from "vitest";
import { freePort } from "./free-port.js";
import { temporaryDirectory } from "./temporary-directory.js";

export const ENGINES = ["nginx", "haproxy", "caddy"] as const;
export type Engine = (typeof ENGINES)[number];

/** `recipe`: the time-outs of the recipe, made short; `package`: those that the Debian package comes with. */
export type TimeOuts = { readonly idle_ms: number } | "package";

const PROGRAMS: Readonly<Record<Engine, { readonly path: string; readonly debian: string }>> = {
  nginx: { path: "/usr/sbin/nginx", debian: "nginx-light" },
  haproxy: { path: "/usr/sbin/haproxy", debian: "haproxy" },
  caddy: { path: "/usr/bin/caddy", debian: "caddy" },
};

/** What docs/operations.md says for this proxy. */
export function recipeOf(engine: Engine): string {
  const page = readFileSync(new URL("../../docs/operations.md", import.meta.url), "utf8");
  const recipe = new RegExp(`^\`\`\`${engine}\n(.*?)^\`\`\`$`, "ms").exec(page)?.[1];
  if (recipe === undefined) throw new Error(`docs/operations.md has no recipe for ${engine}`);
  return recipe;
}

/** Why this proxy cannot be run here, or undefined. CI installs all of them. */
export function missing(engine: Engine): string | undefined {
  const { path, debian } = PROGRAMS[engine];
  if (existsSync(path) || process.env["CI"] !== undefined) return undefined;
  return `${path} is not here: apt-get install ${debian}`;
}

type Setting = { readonly engine: Engine; readonly hub: string; readonly time_outs: TimeOuts };

/** Runs the proxy with the recipe, in front of the hub at `host:port`; it ends with the test. Resolves with its port. */
export async function startProxy({ engine, hub, time_outs }: Setting): Promise<number> {
  const port = await freePort();
  const directory = await temporaryDirectory();
  const recipe = withTimeOuts(recipeOf(engine).replaceAll("127.0.0.1:9093", hub), time_outs);
  const file = join(directory, "proxy.conf");
  await writeFile(file, CONFIGS[engine]({ recipe, port, time_outs }));
  await mkdir(join(directory, "logs"));
  const child = spawn(PROGRAMS[engine].path, ARGUMENTS[engine](file, directory), {
    cwd: directory,
    env: { PATH: process.env["PATH"], HOME: directory, XDG_DATA_HOME: directory, XDG_CONFIG_HOME: directory },
    stdio: ["ignore", "pipe", "pipe"],
  });
  let said = "";
  for (const stream of [child.stdout, child.stderr]) stream.setEncoding("utf8").on("data", (text) => (said += text));
  const ended = once(child, "close");
  onTestFinished(async () => {
    child.kill("SIGKILL");
    await ended;
  });
  const failed = ended.then(() => Promise.reject(new Error(`${engine} ended: ${said}`)));
  await Promise.race([vi.waitFor(() => dial(port), { timeout: 20_000 }), failed]);
  // From here on its end is the test's.
  failed.catch(() => {});
  return port;
}

const LINE_OF_TIME_OUT = /^\s*(?:proxy_read_timeout|timeout tunnel) .*\n/gm;

function withTimeOuts(recipe: string, time_outs: TimeOuts): string {
  if (time_outs === "package") return recipe.replace(LINE_OF_TIME_OUT, "");
  return recipe.replace(LINE_OF_TIME_OUT, (line) => line.replace(/\d+[smh]/, `${time_outs.idle_ms}ms`));
}

async function dial(port: number): Promise<void> {
  const socket = connect(port, "127.0.0.1");
  try {
    await once(socket, "connect");
  } finally {
    socket.destroy();
  }
}

type Parts = { readonly recipe: string; readonly port: number; readonly time_outs: TimeOuts };

const CONFIGS: Readonly<Record<Engine, (parts: Parts) => string>> = {
  // Its package's nginx.conf sets no time-out of these: they are built in.
  nginx: ({ recipe, port }) => `
daemon off;
master_process off;
pid nginx.pid;
events {}
http {
  access_log off;
  ${["client_body", "proxy", "fastcgi", "uwsgi", "scgi"].map((use) => `${use}_temp_path ${use};`).join(" ")}
  server {
    listen 127.0.0.1:${port};
    ${recipe}
  }
}
`,
  haproxy: ({ recipe, port, time_outs }) => `
${time_outs === "package" ? packagedDefaults() : `defaults\n  mode http\n  timeout connect 5s\n  timeout client ${time_outs.idle_ms}ms\n  timeout server ${time_outs.idle_ms}ms`}

frontend test
  bind 127.0.0.1:${port}
  default_backend mangahub

${recipe}
`,
  caddy: ({ recipe, port }) => `
{
  admin off
  auto_https off
}
${recipe.replace(/^chat\.example\.org \{$/m, `http://chat.example.org:${port} {\n  bind 127.0.0.1`)}
`,
};

const ARGUMENTS: Readonly<Record<Engine, (file: string, directory: string) => readonly string[]>> = {
  nginx: (file, directory) => ["-p", directory, "-c", file, "-e", "stderr"],
  haproxy: (file) => ["-f", file, "-db"],
  caddy: (file) => ["run", "--config", file, "--adapter", "caddyfile"],
};

/** The section `defaults` of the package's haproxy.cfg. */
function packagedDefaults(): string {
  const text = readFileSync("/etc/haproxy/haproxy.cfg", "utf8");
  const section = /^defaults\n(?:[ \t].*\n|\n)*/m.exec(text)?.[0];
  if (section === undefined) throw new Error("/etc/haproxy/haproxy.cfg has no section defaults");
  return section;
}
