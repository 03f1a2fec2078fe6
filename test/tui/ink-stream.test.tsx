import { Box, render, Text } from "ink";
import { describe, expect, it } from "vitest";
import { InkStream } from "../../src/tui/screen/ink-stream.js";

function Chrome({ name }: { readonly name: string }) {
  return (
    <Box flexDirection="column" width="100%">
      <Text inverse>{name}</Text>
      <Text wrap="truncate">0123456789abcdef</Text>
    </Box>
  );
}

describe("the stream for Ink", () => {
  it("gets the whole output as lines at every commit, without a control sequence", () => {
    const commits: (readonly string[])[] = [];
    const stream = new InkStream({ columns: 10, rows: 5 }, (lines) => commits.push(lines));
    // Ink asks for the type of process.stdout, and uses of it what InkStream has.
    const stdout = stream as unknown as NodeJS.WriteStream;
    const app = render(<Chrome name="one" />, { stdout, debug: true, exitOnCtrlC: false, patchConsole: false });
    app.rerender(<Chrome name="two" />);
    stream.resize({ columns: 12, rows: 5 });
    app.rerender(<Chrome name="three" />);
    app.unmount();
    const texts = commits.map((lines) =>
      lines
        .join("|")
        .replace(/\[\d+m/g, "")
        .replaceAll("\u001b", ""),
    );
    expect(texts[0]).toBe("one|012345678…");
    expect(texts).toContain("two|012345678…");
    expect(texts).toContain("three|0123456789a…");
  });
});
