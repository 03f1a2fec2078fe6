import { readFile } from "node:fs/promises";
import { describe, expect, it, onTestFinished } from "vitest";
import { PASSWORD } from "../support/accounts.js";
import { type Machine, newMachine } from "../support/machine.js";

const README = await readFile(new URL("../../README.md", import.meta.url), "utf8");

/** The words of a shell line up to its comment; quotes hold words together. */
function wordsOf(line: string): string[] {
  const words = line.match(/"[^"]*"|'[^']*'|[^\s"']+/g) ?? [];
  const comment = words.findIndex((word) => word.startsWith("#"));
  return words.slice(0, comment === -1 ? undefined : comment).map((word) => word.replace(/^(["'])(.*)\1$/, "$2"));
}

/** The arguments of every mangahub command that stands in a code block; what feeds its stdin is left out. */
function commandsOf(markdown: string): string[][] {
  const blocks = [...markdown.matchAll(/^```\w*\n([\s\S]*?)^```/gm)].map(([, block = ""]) => block);
  const lines = blocks.flatMap((block) => block.split("\n"));
  return lines.flatMap((line) => {
    const command = /^\s*(?:\$ )?(?:[\w ]+\| )?(?:npx )?mangahub (.*)$/.exec(line)?.[1];
    return command === undefined ? [] : [wordsOf(command)];
  });
}

/** What the reader has done before, and what a terminal would ask for. */
async function prepare(
  machine: Machine,
  words: readonly string[],
): Promise<{ args: readonly string[]; input: string }> {
  // There is a database to look after once somebody has said something.
  if (words[0] === "db") await machine.ok(["chat", "send", "hi"]);
  if (words[0] !== "auth") return { args: words, input: words.includes("send") ? "piped\n" : "" };
  await machine.serve(["--auth", "token"]);
  const isFirst = words[1] === "register";
  if (!isFirst) await machine.ok(["auth", "register", "nami", "--password-stdin"], { input: PASSWORD });
  const asksForPassword = isFirst || words[1] === "login";
  return { args: asksForPassword ? [...words, "--password-stdin"] : words, input: PASSWORD };
}

const COMMANDS = commandsOf(README);

describe("README", () => {
  it("shows the main commands", () => {
    expect(COMMANDS.length).toBeGreaterThanOrEqual(8);
    const shown = COMMANDS.map((words) => words.join(" "));
    expect(shown).toContain("chat join --room one-piece");
    expect(shown).toContain("chat send hi");
    expect(shown).toContain("chat history");
    expect(shown).toContain("serve");
  });

  it.each(COMMANDS.map((words) => ({ line: `mangahub ${words.join(" ")}`, words })))(
    "`$line` works",
    async ({ words }) => {
      const machine = await newMachine();
      if (words[0] !== "serve") {
        const { args, input } = await prepare(machine, words);
        const ended = await machine.run(args, { input });
        expect(ended).toMatchObject({ code: 0 });
        expect(ended.stdout + ended.stderr).not.toContain("    at ");
        return;
      }
      // A port that is written there may be taken on the machine that runs this test.
      const hub = machine.start([...words, "--port", "0"]);
      onTestFinished(() => hub.kill("SIGKILL"));
      await hub.stdout.until(/^mangahub listens on ws:.*\n/);
      hub.kill("SIGTERM");
      expect(await hub.ended).toMatchObject({ code: 0 });
    },
  );
});
