import { createInterface } from "node:readline";
import { Writable } from "node:stream";
import type { Context } from "./context.js";
import { MangahubError } from "./mangahub-error.js";

const MAX_STDIN_BYTES = 4096;

/** Passwords, one for each question: asked for without echo on a terminal, else the lines of stdin. */
export async function readPasswords(
  context: Pick<Context, "stdin" | "output">,
  { questions, fromStdin }: { readonly questions: readonly string[]; readonly fromStdin: boolean },
): Promise<readonly string[]> {
  if (fromStdin) return readLines(context.stdin, questions.length);
  if (context.stdin.isTTY) return ask(context, questions);
  throw new MangahubError("usage", "there is no terminal to ask for the password on", {
    hint: "pipe it in: mangahub auth login --password-stdin < password.txt",
  });
}

async function readLines(stdin: NodeJS.ReadStream, count: number): Promise<readonly string[]> {
  let text = "";
  for await (const chunk of stdin.setEncoding("utf8")) {
    text += String(chunk);
    if (text.length > MAX_STDIN_BYTES) throw new MangahubError("usage", "what stdin holds is too long for a password");
  }
  const lines = text.split(/\r?\n/).slice(0, count);
  if (lines.length === count && !lines.includes("")) return lines;
  const what = count === 1 ? "a password" : `${count} passwords, a line each`;
  throw new MangahubError("usage", `--password-stdin needs ${what} on stdin`);
}

/** readline puts the terminal into raw mode, where nothing is echoed but what it prints itself, and that is dropped. */
async function ask(
  { stdin, output }: Pick<Context, "stdin" | "output">,
  questions: readonly string[],
): Promise<readonly string[]> {
  const silence = new Writable({ write: (_chunk, _encoding, done) => done() });
  const lines = createInterface({ input: stdin, output: silence, terminal: true, historySize: 0 });
  const left = new Promise<never>((_, reject) => {
    const leave = () => reject(new MangahubError("interrupted", "no password was given"));
    lines.once("SIGINT", leave);
    // Ctrl-D, or the terminal is gone.
    lines.once("close", leave);
  });
  // It is the questions' to tell, if they still wait.
  left.catch(() => {});
  const answers: string[] = [];
  try {
    for (const question of questions) {
      output.ask(question);
      const answer = new Promise<string>((resolve) => lines.once("line", resolve));
      answers.push(await Promise.race([answer, left]).finally(() => output.endAnswer()));
    }
    return answers;
  } finally {
    lines.close();
  }
}
