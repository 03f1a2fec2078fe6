import { describe, expect, it } from "vitest";
import { intentOf, type KeyContext } from "../../../../src/tui/keys/bindings.js";
import { keyPress, type Modifiers } from "../../../../src/tui/keys/key-event.js";

const writing: KeyContext = { mode: "text", empty: false, scrolled: false, columns: 40 };

function press(name: string, held: Modifiers = {}, context: Partial<KeyContext> = {}) {
  return intentOf(keyPress(name, held), { ...writing, ...context });
}

function editor(type: string) {
  return { to: "editor", action: { type } };
}

describe("the bindings", () => {
  it.each([
    ["a", "lineStart"],
    ["e", "lineEnd"],
    ["b", "left"],
    ["f", "right"],
    ["k", "killToEnd"],
    ["u", "killToStart"],
    ["w", "killBlankWordBack"],
    ["y", "yank"],
    ["t", "transpose"],
    ["h", "deleteBack"],
    ["d", "deleteForward"],
  ])("ctrl+%s is %s, as in readline", (name, type) => {
    expect(press(name, { ctrl: true })).toEqual(editor(type));
  });

  it("tells Backspace from Delete, and Enter from Alt-Enter", () => {
    expect(press("backspace")).toEqual(editor("deleteBack"));
    expect(press("delete")).toEqual(editor("deleteForward"));
    expect(press("enter")).toEqual(editor("submit"));
    expect(press("enter", { alt: true })).toEqual(editor("newline"));
  });

  it("gives text and pastes to the editor, with the row's width for moves up and down", () => {
    expect(intentOf({ type: "text", text: "hi" }, writing)).toEqual({
      to: "editor",
      action: { type: "insert", text: "hi" },
    });
    expect(intentOf({ type: "paste", text: "hi", cut: false }, writing)).toEqual({
      to: "editor",
      action: { type: "paste", text: "hi" },
    });
    expect(intentOf({ type: "paste", text: "hi", cut: true }, writing)).toEqual({
      to: "editor",
      action: { type: "paste", text: "hi", cut: true },
    });
    expect(press("up")).toEqual({ to: "editor", action: { type: "up", columns: 40 } });
  });

  it("scrolls with pages and wheel; Home and End scroll where they mean nothing to the text", () => {
    expect(press("pageup")).toEqual({ to: "list", move: "pageUp" });
    expect(intentOf({ type: "wheel", direction: "up" }, writing)).toEqual({ to: "list", move: "lineUp" });
    expect(press("home")).toEqual(editor("lineStart"));
    expect(press("home", {}, { empty: true })).toEqual({ to: "list", move: "top" });
    expect(press("end", {}, { scrolled: true })).toEqual({ to: "list", move: "bottom" });
    expect(press("escape", {}, { scrolled: true })).toEqual({ to: "list", move: "bottom" });
    expect(press("escape")).toEqual({ to: "app", action: "dismiss" });
  });

  it("ends with Ctrl-D only where nothing is written", () => {
    expect(press("d", { ctrl: true }, { empty: true })).toEqual({ to: "app", action: "quit" });
    expect(press("c", { ctrl: true }, { mode: "question" })).toEqual({ to: "app", action: "interrupt" });
    expect(press("z", { ctrl: true }, { mode: "overlay" })).toEqual({ to: "app", action: "suspend" });
  });

  it("cycles candidates, and sends with Enter as long as none was taken", () => {
    expect(press("tab")).toEqual({ to: "app", action: "complete" });
    expect(press("tab", {}, { mode: "offer" })).toEqual(editor("completeNext"));
    expect(press("enter", {}, { mode: "offer" })).toEqual(editor("submit"));
    expect(press("enter", {}, { mode: "completion" })).toEqual(editor("acceptCompletion"));
    expect(press("tab", { shift: true }, { mode: "completion" })).toEqual(editor("completePrevious"));
    expect(press("escape", {}, { mode: "completion", scrolled: true })).toEqual(editor("cancelCompletion"));
  });

  it("takes only answers while a question is open", () => {
    const question = { ...writing, mode: "question" } as const;
    expect(intentOf({ type: "text", text: "J" }, question)).toEqual({
      to: "editor",
      action: { type: "answer", answer: "join" },
    });
    expect(intentOf(keyPress("escape"), question)).toEqual({
      to: "editor",
      action: { type: "answer", answer: "drop" },
    });
    expect(intentOf({ type: "text", text: "x" }, question)).toBeUndefined();
    const paste = { to: "editor", action: { type: "paste", text: "y" } };
    expect(intentOf({ type: "paste", text: "y", cut: false }, question)).toEqual(paste);
  });

  it("closes an overlay with Esc and types nothing behind it", () => {
    expect(press("escape", {}, { mode: "overlay", scrolled: true })).toEqual({ to: "app", action: "dismiss" });
    expect(press("down", {}, { mode: "overlay" })).toEqual({ to: "list", move: "lineDown" });
    expect(intentOf({ type: "text", text: "x" }, { ...writing, mode: "overlay" })).toBeUndefined();
  });

  it("means nothing by a focus report or an unknown key", () => {
    expect(intentOf({ type: "focus", focused: true }, writing)).toBeUndefined();
    expect(press("f7")).toBeUndefined();
  });
});
