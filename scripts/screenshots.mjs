// The README's pictures, from the buffers of a real terminal with the built binary in it: `npm run screenshots`.
import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { spawn } from "@lydell/node-pty";
import xterm from "@xterm/headless";
import { createChatServer } from "../dist/index.js";
import { WebSocketClient } from "../dist/client/node.js";
import { terminalSvg } from "./terminal-svg.mjs";

/** Waits for text to be on the screen. */
class Screen {
  #terminal;
  #onWrite = () => {};

  constructor(terminal, program) {
    this.#terminal = terminal;
    program.onData((data) => terminal.write(data, () => this.#onWrite()));
  }

  async has(text) {
    while (!this.#text().includes(text)) {
      await new Promise((resolve) => {
        this.#onWrite = resolve;
      });
    }
  }

  #text() {
    const { active } = this.#terminal.buffer;
    const rows = Array.from({ length: this.#terminal.rows }, (_, row) => active.getLine(active.baseY + row));
    return rows.map((row) => row.translateToString(true)).join("\n");
  }
}

const root = fileURLToPath(new URL("..", import.meta.url));
const pictures = join(root, "docs/screenshots");
const home = await mkdtemp(join(tmpdir(), "mangahub-pictures-"));
const server = createChatServer({ settings: { log: { level: "silent" } } });
const { url } = await server.listen({ port: 0 });

const people = new Map();

try {
  await mkdir(pictures, { recursive: true });
  await tell();
  await picture("chat-80x24", { columns: 80, rows: 24, keys: "did anyone see @robin" });
  await picture("help-80x24", { columns: 80, rows: 24, keys: "/help\r" });
  await picture("chat-40x10", { columns: 40, rows: 10, keys: "" });
} finally {
  await Promise.all([...people.values()].map((client) => client.disconnect()));
  await server.stop();
  await rm(home, { recursive: true, force: true });
}

/** A conversation to look at. */
async function tell() {
  const names = ["nami", "usopp", "robin", "franky", "sanji", "chopper"];
  for (const name of names) {
    const client = new WebSocketClient(url, `${name}-1`, name, { key: `${name}-key` });
    await client.connect("one-piece");
    people.set(name, client);
  }
  const say = (name, text) => people.get(name).sendMessage(text);
  await say("nami", "anyone else reading the colour edition? the Wano pages are lovely, like a painting — ワノ国");
  await say("usopp", "mangadex has it, the one with the fixed translation notes");
  await say("robin", "careful, some of us are behind. use the chapter's number");
  await say("franky", "SUPER. no words about that last page until monday 😎");
  await say("sanji", "the soup scene. you will all cry");
  await say("robin", "@zoro did you finish Onigashima yet?");
  await say("chopper", "same here!! no rush");
}

async function picture(name, { columns, rows, keys }) {
  const terminal = new xterm.Terminal({ cols: columns, rows, allowProposedApi: true, scrollback: 0 });
  const args = ["chat", "join", "--room", "one-piece", "--name", "zoro", "--server", url];
  const env = {
    PATH: process.env.PATH,
    HOME: home,
    MANGAHUB_DATA_DIR: join(home, "data"),
    TERM: "xterm-256color",
    TZ: "UTC",
  };
  const program = spawn(process.execPath, [join(root, "bin/mangahub.js"), ...args], {
    cols: columns,
    rows,
    env,
    cwd: home,
  });
  const ended = new Promise((resolve) => program.onExit(resolve));
  const shown = new Screen(terminal, program);
  await shown.has("no rush");
  program.write(keys);
  if (keys !== "") await shown.has(keys.startsWith("/help") ? "/users" : keys);
  await writeFile(
    join(pictures, `${name}.svg`),
    terminalSvg(terminal, `mangahub chat join at ${columns} by ${rows} cells`),
  );
  program.kill("SIGTERM");
  await ended;
}
