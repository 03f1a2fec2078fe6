import { type Instance, render } from "ink";
import { splitLines } from "../screen/compose-frame.js";
import type { Size } from "../screen/frame.js";
import { InkStream } from "../screen/ink-stream.js";
import type { StyledLine } from "../text/styled-line.js";
import { Chrome, CHROME_REGIONS, type ChromeLines } from "./chrome.js";

/** Ink measures some characters wider than we do; in a layout twice as wide it cuts nothing. */
const SLACK = 2;

/**
 * Lets Ink draw the chrome, into memory. Ink sees only what changed, and nothing of the terminal; what it draws comes
 * back by region. Rendering is synchronous, so a key is on the screen in the tick it came.
 */
export class ChromeRenderer {
  #size: Size = { columns: 0, rows: 0 };
  #stream: InkStream | undefined;
  #instance: Instance | undefined;
  #asked: ChromeLines | undefined;
  #drawn: readonly StyledLine[] = [];

  /** The regions as Ink drew them. */
  draw(lines: ChromeLines, size: Size): ChromeLines {
    if (!this.#isDrawn(lines, size)) this.#render(lines, size);
    const heights = CHROME_REGIONS.map((region) => lines[region].length);
    const [title = [], typing = [], status = [], input = [], popup = [], overlay = []] = splitLines(
      this.#drawn,
      heights,
    );
    return { title, typing, status, input, popup, overlay };
  }

  close(): void {
    this.#instance?.unmount();
    this.#instance = undefined;
  }

  #render(lines: ChromeLines, size: Size): void {
    const columns = size.columns * SLACK;
    const node = <Chrome lines={this.#unchanged(lines)} columns={columns} />;
    this.#asked = lines;
    this.#size = size;
    if (this.#instance !== undefined && this.#stream !== undefined) {
      // Ink heeds the size at each rendering; it ignores `resize` under CI.
      if (this.#stream.columns !== columns) this.#stream.resize({ ...size, columns });
      this.#instance.rerender(node);
      return;
    }
    this.#stream = new InkStream({ ...size, columns }, (drawn) => {
      this.#drawn = drawn;
    });
    // as: Ink asks for the type of process.stdout, and uses of it what InkStream has.
    const stdout = this.#stream as unknown as NodeJS.WriteStream;
    this.#instance = render(node, { stdout, debug: true, exitOnCtrlC: false, patchConsole: false });
    // A component that throws would end Ink silently: so it is a rejection nobody handles, which ends the program.
    void this.#instance.waitUntilExit();
  }

  #isDrawn(lines: ChromeLines, size: Size): boolean {
    const { columns, rows } = this.#size;
    if (this.#asked === undefined || columns !== size.columns || rows !== size.rows) return false;
    const asked = this.#asked;
    return CHROME_REGIONS.every((region) => sameLines(asked[region], lines[region]));
  }

  /** Regions that did not change stay the same objects, so that React passes over them. */
  #unchanged(lines: ChromeLines): ChromeLines {
    const asked = this.#asked;
    if (asked === undefined) return lines;
    const kept = CHROME_REGIONS.map((region) => [
      region,
      sameLines(asked[region], lines[region]) ? asked[region] : lines[region],
    ]);
    return { ...lines, ...Object.fromEntries(kept) };
  }
}

function sameLines(one: readonly StyledLine[], other: readonly StyledLine[]): boolean {
  return one.length === other.length && one.every((line, index) => line === other[index]);
}
