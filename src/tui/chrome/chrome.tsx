import { Box, Text } from "ink";
import { memo, type ReactNode } from "react";
import type { StyledLine } from "../text/styled-line.js";

/** The regions of the screen that Ink draws, from the top, each as its lines. */
export type ChromeLines = {
  readonly title: readonly StyledLine[];
  readonly typing: readonly StyledLine[];
  readonly status: readonly StyledLine[];
  readonly input: readonly StyledLine[];
  readonly popup: readonly StyledLine[];
  readonly overlay: readonly StyledLine[];
};

export const CHROME_REGIONS = ["title", "typing", "status", "input", "popup", "overlay"] as const;

export type ChromeProps = { readonly lines: ChromeLines; readonly columns: number };

/** Everything but the messages: a column of regions, one `Text` a row. */
export function Chrome({ lines, columns }: ChromeProps): ReactNode {
  return (
    <Box flexDirection="column" flexShrink={0} width={columns}>
      {CHROME_REGIONS.map((region) => (
        <Region key={region} lines={lines[region]} />
      ))}
    </Box>
  );
}

const Region = memo(function Region({ lines }: { readonly lines: readonly StyledLine[] }): ReactNode {
  // A row is nothing but its place.
  return lines.map((line, row) => <Row key={row} line={line} />);
});

/** An empty `Text` has no height. */
const Row = memo(function Row({ line }: { readonly line: StyledLine }): ReactNode {
  return <Text wrap="truncate">{line === "" ? " " : line}</Text>;
});
