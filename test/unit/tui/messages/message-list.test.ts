import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { clockAt } from "../../../../src/tui/messages/clock.js";
import type { Entry } from "../../../../src/tui/messages/entry.js";
import type { Formatting } from "../../../../src/tui/messages/format-entry.js";
import { formatEntry } from "../../../../src/tui/messages/format-entry.js";
import { LineCache } from "../../../../src/tui/messages/line-cache.js";
import { messageLayout } from "../../../../src/tui/messages/message-layout.js";
import {
  listWindow,
  type MessageList,
  type ScrollAnchor,
  scrollList,
} from "../../../../src/tui/messages/message-list.js";
import { plainText } from "../../../../src/tui/text/styled-line.js";
import { createTheme } from "../../../../src/tui/theme.js";

function formattingOf(columns: number): Formatting {
  return { layout: messageLayout({ columns, rows: 24 }), theme: createTheme("none", false), clock: clockAt(() => 0) };
}

const formatting = formattingOf(80);

function message(number: number, lines = 1): Entry {
  const text = Array.from({ length: lines }, (_, line) => `m${number}.${line}`).join("\n");
  return { kind: "message", key: `k${number}`, timeMs: 0, username: "nami", text, mine: false };
}

function messages(from: number, to: number): readonly Entry[] {
  return Array.from({ length: to - from }, (_, index) => message(from + index));
}

function listOf(entries: readonly Entry[], height = 3, anchor?: ScrollAnchor): MessageList {
  return { entries, anchor, height, formatting, cache: new LineCache() };
}

function texts(list: MessageList): readonly string[] {
  return listWindow(list).lines.map((line) => plainText(line).slice(19));
}

describe("the list of messages", () => {
  it("shows the newest at the bottom, and follows", () => {
    expect(texts(listOf(messages(0, 9)))).toEqual(["m6.0", "m7.0", "m8.0"]);
    expect(listWindow(listOf(messages(0, 9)))).toMatchObject({ below: 0, atTop: false, anchor: undefined });
  });

  it("is short when there is little, and empty when there is nothing", () => {
    expect(texts(listOf(messages(0, 2)))).toEqual(["m0.0", "m1.0"]);
    expect(listWindow(listOf([]))).toEqual({ lines: [], shown: [], below: 0, atTop: true, anchor: undefined });
    expect(scrollList(listOf([]), "pageUp")).toBeUndefined();
  });

  it("cuts a long message at the window's top, and scrolls through it line by line", () => {
    const entries = [message(0), message(1, 5), message(2)];
    expect(texts(listOf(entries))).toEqual(["m1.3", "m1.4", "m2.0"]);
    let anchor = scrollList(listOf(entries), "lineUp");
    expect(texts(listOf(entries, 3, anchor))).toEqual(["m1.2", "m1.3", "m1.4"]);
    anchor = scrollList(listOf(entries, 3, anchor), "lineUp");
    expect(texts(listOf(entries, 3, anchor))).toEqual(["m1.1", "m1.2", "m1.3"]);
    expect(listWindow(listOf(entries, 3, anchor)).below).toBe(2);
  });

  it("scrolls by pages that overlap by a line, and stops with a full window at the top", () => {
    const entries = messages(0, 9);
    const up = scrollList(listOf(entries), "pageUp");
    expect(texts(listOf(entries, 3, up))).toEqual(["m4.0", "m5.0", "m6.0"]);
    expect(listWindow(listOf(entries, 3, up)).below).toBe(2);
    const top = scrollList(listOf(entries), "top");
    expect(texts(listOf(entries, 3, top))).toEqual(["m0.0", "m1.0", "m2.0"]);
    expect(scrollList(listOf(entries, 3, top), "lineUp")).toEqual(top);
    expect(listWindow(listOf(entries, 3, top)).atTop).toBe(true);
    expect(scrollList(listOf(entries, 3, up), "pageDown")).toBeUndefined();
    expect(scrollList(listOf(entries, 3, top), "bottom")).toBeUndefined();
  });

  it("does not move when messages come below or older ones above", () => {
    const anchor = scrollList(listOf(messages(10, 20)), "pageUp");
    const before = texts(listOf(messages(10, 20), 3, anchor));
    expect(texts(listOf(messages(10, 25), 3, anchor))).toEqual(before);
    expect(texts(listOf(messages(0, 25), 3, anchor))).toEqual(before);
    expect(listWindow(listOf(messages(0, 25), 3, anchor))).toMatchObject({
      below: 7,
      anchor: { key: "k17", index: 17 },
    });
  });

  it("stays near when its message is gone", () => {
    const anchor = scrollList(listOf(messages(0, 9)), "top");
    expect(texts(listOf(messages(5, 14), 3, anchor))).toEqual(["m5.0", "m6.0", "m7.0"]);
  });

  it("shows consecutive lines of the whole, however it was scrolled, resized and added to", () => {
    const move = fc.constantFrom("lineUp", "lineDown", "pageUp", "pageDown", "top", "bottom");
    const heights = fc.array(fc.integer({ min: 1, max: 4 }), { minLength: 1, maxLength: 12 });
    const steps = fc.array(
      fc.record({ move: fc.option(move), height: fc.integer({ min: 1, max: 8 }), prepend: fc.boolean() }),
      { maxLength: 12 },
    );
    fc.assert(
      fc.property(heights, steps, (lineCounts, moves) => {
        let entries = lineCounts.map((lines, index) => message(100 + index, lines));
        let anchor: ScrollAnchor | undefined;
        for (const step of moves) {
          if (step.prepend) entries = [message(100 - entries.length, 2), ...entries, message(200 + entries.length)];
          const list = listOf(entries, step.height, anchor);
          anchor = step.move === null ? anchor : scrollList(list, step.move);
          const window = listWindow(listOf(entries, step.height, anchor));
          const all = entries.flatMap((entry) => formatEntry(entry, true, formatting));
          expect(window.lines).toHaveLength(Math.min(step.height, all.length));
          expect(all.join("\n")).toContain(window.lines.join("\n"));
          anchor = window.anchor;
        }
      }),
    );
  });

  it("formats only what comes in sight, once", () => {
    const entries = messages(0, 1000).map((entry) => ({ ...entry }));
    const touched = new Set<Entry>();
    class CountingCache extends LineCache {
      override linesOf(...args: Parameters<LineCache["linesOf"]>) {
        touched.add(args[0]);
        return super.linesOf(...args);
      }
    }
    listWindow({ ...listOf(entries), cache: new CountingCache() });
    expect(touched.size).toBeLessThanOrEqual(4);
  });
});

describe("the cache of lines", () => {
  it("gives the same lines until the formatting changes, and is bounded", () => {
    const cache = new LineCache(2);
    const [a, b, c] = [message(1), message(2), message(3)];
    const first = cache.linesOf(a, true, formatting);
    expect(cache.linesOf(a, true, formatting)).toBe(first);
    expect(cache.linesOf(a, false, formatting)).not.toBe(first);
    expect(cache.linesOf(a, false, formattingOf(40))).not.toEqual(first);
    const again = cache.linesOf(a, true, formatting);
    cache.linesOf(b, true, formatting);
    cache.linesOf(a, true, formatting);
    cache.linesOf(c, true, formatting);
    expect(cache.linesOf(a, true, formatting)).toBe(again);
    cache.linesOf(b, true, formatting);
    cache.linesOf(c, true, formatting);
    expect(cache.linesOf(a, true, formatting)).not.toBe(again);
  });
});
