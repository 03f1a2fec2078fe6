import { Writable } from "node:stream";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { Output } from "../../../src/cli/output/output.js";
import { anyText } from "../protocol/arbitrary.js";

// A tab is harmless, and ends of lines are looked at by themselves.
const HARMFUL = /[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u2028\u2029\u202a-\u202e\u2066-\u2069\ufeff]|\p{Surrogate}/u;

const UNITS = Array.from("\u001b\u009b\u0007\r\n\u2028\u202e\u2066\ufeff\u200f[]0;2Jx");
const HOSTILE = fc.oneof(anyText, fc.string({ unit: fc.constantFrom(...UNITS) }));

/** An Output, and what was written to either of its streams. */
function written(): { readonly output: Output; readonly text: () => string } {
  let text = "";
  const stream = new Writable({
    write(chunk, _encoding, done) {
      text += String(chunk);
      done();
    },
  });
  // Output uses of a stream that it is written to, and whether it is a terminal.
  const streams = { stdout: stream, stderr: stream } as never;
  return { output: new Output(streams), text: () => text };
}

describe("what the command line prints", () => {
  it.each([
    ["print", (output: Output, text: string) => output.print(text)],
    ["say", (output: Output, text: string) => output.say(text)],
    ["printError", (output: Output, text: string) => output.printError(text)],
    ["ask", (output: Output, text: string) => (output.ask(text), output.endAnswer())],
    ["log", (output: Output, text: string) => output.log(JSON.stringify(text))],
    ["printJson", (output: Output, text: string) => output.printJson({ [text]: [text] })],
  ])("is one line that no terminal acts on, whatever the text: %s", (_name, say) => {
    fc.assert(
      fc.property(HOSTILE, (hostile) => {
        const { output, text } = written();
        say(output, hostile);
        const [line = "", ...rest] = text().split("\n");
        expect(rest).toEqual([""]);
        expect(HARMFUL.exec(line)?.[0]).toBeUndefined();
      }),
    );
  });

  it("is, as JSON, the value that was given", () => {
    fc.assert(
      fc.property(HOSTILE, (hostile) => {
        const { output, text } = written();
        output.printJson({ [`x${hostile}`]: [hostile] });
        expect(JSON.parse(text())).toEqual({ [`x${hostile}`]: [hostile] });
      }),
    );
  });

  it("keeps people's own writing, tabs too", () => {
    const { output, text } = written();
    output.print("می‌خواهم\t👩‍👩‍👧‍👦 海賊王");
    expect(text()).toBe("می‌خواهم\t👩‍👩‍👧‍👦 海賊王\n");
  });
});
