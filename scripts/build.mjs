// Builds dist/: the library and its types with tsc, and the binary as a split bundle with esbuild (unbundled, Ink alone
// costs 290 ms at every start). Safe to run several times at once, and while a built binary runs.
//   --if-stale          nothing if the last build is newer than everything it was made of
//   --despite-type-errors  ends well if only types are wrong: for tests, which run what was emitted all the same
//   --announce          one line before it builds
//   --fresh             leaves nothing of earlier builds (before packing)
import { spawn } from "node:child_process";
import { mkdir, readdir, readFile, rename, rm, stat, utimes, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";

const root = fileURLToPath(new URL("..", import.meta.url));
const outDir = join(root, "dist/bin");
const stamp = join(root, "dist/build.stamp");
const flags = new Set(process.argv.slice(2));

// A chunk that an older, still running binary may load later stays so long.
const KEEP_OLD_CHUNKS_MS = 60 * 60 * 1000;

const ENTRIES = { main: "src/cli/main.ts", "log-worker": "src/server/log/sqlite/log-worker.ts" };

// better-sqlite3 stays outside, and is required: to import CommonJS, Node first starts a lexer for it, which costs 3 ms.
const REQUIRE_SQLITE = {
  name: "require-sqlite",
  setup({ onResolve, onLoad }) {
    onResolve({ filter: /^better-sqlite3$/ }, ({ path, namespace }) =>
      namespace === "require-sqlite" ? { path, external: true } : { path, namespace: "require-sqlite" },
    );
    onLoad({ filter: /.*/, namespace: "require-sqlite" }, ({ path }) => {
      return { contents: `module.exports = require(${JSON.stringify(path)});` };
    });
  },
};

// Ink's layout engine fetches its own code from a data URL; without fetch it decodes it, and Node need not load an HTTP
// client for it: 50 ms of CPU less at every start of the chat.
const YOGA_WITHOUT_FETCH = {
  name: "yoga-without-fetch",
  setup({ onLoad }) {
    onLoad({ filter: /yoga-wasm-base64-esm\.js$/ }, async ({ path }) => {
      return { contents: `const fetch = undefined;\n${await readFile(path, "utf8")}`, loader: "js" };
    });
  },
};

// Ink measures texts as the rest of the screen does; its own measure costs 15 ms at the first text that is not ASCII.
const ONE_WIDTH = {
  name: "one-width",
  setup({ onResolve, onLoad }) {
    onResolve({ filter: /^string-width$/ }, () => ({ path: "string-width", namespace: "one-width" }));
    onLoad({ filter: /.*/, namespace: "one-width" }, () => ({
      contents: 'export { styledWidth as default } from "./src/tui/text/styled-line.ts";',
      resolveDir: root,
    }));
  },
};

if (!(flags.has("--if-stale") && (await isFresh()))) await buildAll();

async function buildAll() {
  if (flags.has("--announce")) console.error("building mangahub …");
  const started = new Date();
  for (const { reason } of await Promise.allSettled([bundle(), locked(compile)])) {
    if (reason === undefined) continue;
    console.error(`build: ${reason.message}`);
    process.exitCode = 1;
  }
  if (flags.has("--fresh")) await removeOrphans();
  // The stamp has the time at which the sources were read: one that is saved meanwhile is newer.
  if (process.exitCode === 1) return;
  await writeFile(stamp, "");
  await utimes(stamp, started, started);
}

async function bundle() {
  const { outputFiles } = await build({
    absWorkingDir: root,
    entryPoints: await existing(ENTRIES),
    bundle: true,
    splitting: true,
    format: "esm",
    platform: "node",
    target: "node20",
    outdir: outDir,
    write: false,
    jsx: "automatic",
    logLevel: "warning",
    legalComments: "none",
    // React's production half; and DEV in somebody's environment must not make Ink look for the developer tools.
    define: { "process.env.NODE_ENV": '"production"', "process.env.DEV": '"false"' },
    // A native addon; pino, which starts workers by file name; and what its users only try to load.
    external: ["pino", "bufferutil", "utf-8-validate", "react-devtools-core"],
    plugins: [REQUIRE_SQLITE, YOGA_WITHOUT_FETCH, ONE_WIDTH],
    // CommonJS packages inside an ESM bundle ask for Node's own modules with require.
    banner: { js: 'import { createRequire as __cr } from "node:module"; const require = __cr(import.meta.url);' },
  });
  await mkdir(outDir, { recursive: true });
  // The entries last: whoever reads a new one finds its chunks. Each file is replaced in one step.
  const isEntry = ({ path }) => Object.keys(ENTRIES).some((name) => path === join(outDir, `${name}.js`));
  const ordered = [...outputFiles.filter((file) => !isEntry(file)), ...outputFiles.filter(isEntry)];
  for (const { path, contents } of ordered) await replaceFile(path, contents);
  await removeOldChunks(new Set(outputFiles.map(({ path }) => path)));
}

async function existing(entries) {
  const found = {};
  for (const [name, path] of Object.entries(entries)) {
    if ((await modified(join(root, path))) > 0) found[name] = path;
  }
  return found;
}

async function replaceFile(path, contents) {
  const temporary = `${path}.${process.pid}.tmp`;
  await mkdir(dirname(path), { recursive: true });
  await writeFile(temporary, contents);
  await rename(temporary, path);
}

async function removeOldChunks(current) {
  for (const name of await readdir(outDir)) {
    const path = join(outDir, name);
    const isOld = flags.has("--fresh") || Date.now() - (await modified(path)) > KEEP_OLD_CHUNKS_MS;
    if (isOld && !current.has(path)) await rm(path, { force: true });
  }
}

/** tsc leaves the output of sources that are gone. */
async function removeOrphans() {
  const dist = join(root, "dist");
  for (const name of await readdir(dist, { recursive: true })) {
    const stem = name.replace(/(\.d)?\.[jt]s(\.map)?$/, "");
    if (stem === name || dirname(name) === "bin") continue;
    const sources = await Promise.all([
      modified(join(root, "src", `${stem}.ts`)),
      modified(join(root, "src", `${stem}.tsx`)),
    ]);
    if (Math.max(...sources) === 0) await rm(join(dist, name), { force: true });
  }
}

async function compile() {
  const tsc = join(root, "node_modules/typescript/bin/tsc");
  const info = join(root, "dist/tsc.tsbuildinfo");
  const code = await run(process.execPath, [tsc, "-p", root, "--incremental", "--tsBuildInfoFile", info]);
  if (code !== 0 && !flags.has("--despite-type-errors")) throw new Error(`tsc ended with ${code}`);
}

function run(command, args) {
  return new Promise((resolve, reject) => {
    const child = spawn(command, args, { cwd: root, stdio: "inherit" });
    child.once("error", reject);
    child.once("exit", (code) => resolve(code));
  });
}

/** One tsc at a time: its files are not written in one step. The lock of a killed build is taken over. */
async function locked(action) {
  const lock = join(root, "dist/build.lock");
  await mkdir(dirname(lock), { recursive: true });
  for (;;) {
    try {
      await writeFile(lock, String(process.pid), { flag: "wx" });
      break;
    } catch (error) {
      if (error.code !== "EEXIST") throw error;
      if (await isAbandoned(lock)) await rm(lock, { force: true });
      await new Promise((resolve) => setTimeout(resolve, 100));
    }
  }
  try {
    return await action();
  } finally {
    await rm(lock, { force: true });
  }
}

async function isAbandoned(lock) {
  try {
    const pid = Number(await readFile(lock, "utf8"));
    if (pid === 0) return Date.now() - (await modified(lock)) > 5000;
    process.kill(pid, 0);
    return false;
  } catch {
    // No such process, or no such lock any more: either way it is free.
    return true;
  }
}

async function isFresh() {
  const built = await modified(stamp);
  if (built === 0) return false;
  const sources = await readdir(join(root, "src"), { recursive: true, withFileTypes: true });
  const files = sources
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath ?? entry.path, entry.name));
  files.push(join(root, "package-lock.json"), fileURLToPath(import.meta.url));
  const times = await Promise.all(files.map(modified));
  return Math.max(...times) < built;
}

async function modified(path) {
  return await stat(path).then(
    (found) => found.mtimeMs,
    () => 0,
  );
}
