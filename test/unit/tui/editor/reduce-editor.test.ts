import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { completionQuery } from "../../../../src/tui/editor/completion.js";
import {
  type EditorAction,
  type EditorState,
  editorMode,
  emptyEditor,
} from "../../../../src/tui/editor/editor-state.js";
import { MAX_INPUT_LENGTH } from "../../../../src/tui/editor/input-bound.js";
import { reduceEditor } from "../../../../src/tui/editor/reduce-editor.js";
import { snapToBoundary } from "../../../../src/tui/text/boundary.js";

type Step =
  | EditorAction
  | Exclude<EditorAction["type"], "insert" | "paste" | "answer" | "offer" | "up" | "down">
  | "up"
  | "down";

function run(state: EditorState, ...steps: readonly Step[]): EditorState {
  return steps.reduce((before, step) => reduceEditor(before, actionOf(step)).state, state);
}

function actionOf(step: Step): EditorAction {
  if (typeof step !== "string") return step;
  return step === "up" || step === "down" ? { type: step, columns: 40 } : { type: step };
}

function type(text: string): EditorAction {
  return { type: "insert", text };
}

/** An input with the cursor at the bar. */
function at(marked: string, history: readonly string[] = []): EditorState {
  const cursor = marked.indexOf("|");
  return { ...emptyEditor(history), text: marked.replace("|", ""), cursor };
}

function shown({ text, cursor }: EditorState): string {
  return `${text.slice(0, cursor)}|${text.slice(cursor)}`;
}

const FAMILY = "👨\u200d👩\u200d👧";

describe("editing", () => {
  it.each<[string, Step, string]>([
    ["ab|", "left", "a|b"],
    [`a${FAMILY}|b`, "left", `a|${FAMILY}b`],
    [`a|${FAMILY}b`, "right", `a${FAMILY}|b`],
    [`a${FAMILY}|b`, "deleteBack", "a|b"],
    ["e\u0301|x", "deleteBack", "|x"],
    ["a|👍🏽b", "deleteForward", "a|b"],
    ["|", "deleteBack", "|"],
    ["a|", "deleteForward", "a|"],
    ["one two|", "lineStart", "|one two"],
    ["one\ntw|o", "lineStart", "one\n|two"],
    ["o|ne\ntwo", "lineEnd", "one|\ntwo"],
    ["see ワノ国 now|", "wordLeft", "see ワノ国 |now"],
    ["one, |two", "wordLeft", "|one, two"],
    ["|one, two", "wordRight", "one|, two"],
    ["one|, two", "wordRight", "one, two|"],
    ["one foo-bar|", "killBlankWordBack", "one |"],
    ["one foo-bar|", "killWordBack", "one foo-|"],
    ["|one two", "killWordForward", "| two"],
    ["one\ntwo th|ree", "killToStart", "one\n|ree"],
    ["one\n|two", "killToStart", "one|two"],
    ["o|ne\ntwo", "killToEnd", "o|\ntwo"],
    ["one|\ntwo", "killToEnd", "one|two"],
    ["ab|c", "transpose", "acb|"],
    ["abc|", "transpose", "acb|"],
    [`a${FAMILY}|`, "transpose", `${FAMILY}a|`],
    ["|abc", "transpose", "|abc"],
    ["a|", "transpose", "a|"],
    ["ab\nc|", "transpose", "ab\nc|"],
    ["a|b", "newline", "a\n|b"],
  ])("%j after %s is %j", (before, step, after) => {
    expect(shown(run(at(before), step))).toBe(after);
  });

  it("inserts what is typed, without controls, and keeps the cursor between graphemes", () => {
    expect(shown(run(at("a|b"), type("x\u0007y")))).toBe("axy|b");
    expect(shown(run(at("👨|👩"), type("\u200d")))).toBe("👨\u200d👩|");
  });

  it("yanks what was killed last, and kills in a row together", () => {
    expect(shown(run(at("one two three|"), "killBlankWordBack", "killBlankWordBack", "lineStart", "yank"))).toBe(
      "two three|one ",
    );
    expect(shown(run(at("one two|"), "killBlankWordBack", "left", "killBlankWordBack", "yank"))).toBe("one| ");
    expect(shown(run(at("|one two"), "killWordForward", "killWordForward", "yank"))).toBe("one two|");
  });

  it("goes back step by step", () => {
    expect(shown(run(at("one two|"), "killBlankWordBack", type("x"), "undo", "undo", "undo"))).toBe("one two|");
  });

  it("moves by rows as they are shown, and keeps the column", () => {
    const narrow = (step: "up" | "down"): EditorAction => ({ type: step, columns: 10 });
    expect(shown(run(at("long first line\nx\nlong third li|ne"), narrow("up"), narrow("up")))).toBe(
      "long first line\n|x\nlong third line".replace("|x", "x|"),
    );
    expect(shown(run(at("abcdef\nx\nabcd|ef"), narrow("up"), narrow("up")))).toBe("abcd|ef\nx\nabcdef");
    expect(shown(run(at("abcdefghijKLMN|"), narrow("up")))).toBe("abcd|efghijKLMN");
  });

  it("keeps tabs, and what has no place on the screen, as they were pasted", () => {
    expect(run(emptyEditor(), { type: "paste", text: "a\tb\u00ad\ue000" }).text).toBe("a\tb\u00ad\ue000");
    expect(shown(run(at("a\t|b"), "left", type("|")))).toBe("a||\tb");
  });

  it("holds far more than one message may, and refuses whole what is beyond that", () => {
    const state = run(emptyEditor(), { type: "paste", text: "国".repeat(MAX_INPUT_LENGTH) });
    expect(state.text).toHaveLength(MAX_INPUT_LENGTH);
    for (const action of [type("国"), { type: "newline" }, { type: "paste", text: "two" }] as const) {
      const step = reduceEditor(state, action);
      expect(step.state.text).toBe(state.text);
      expect(step.refused).toMatch(/^nothing was (added|pasted): the input would have more than 262144 characters$/);
    }
    const cut = reduceEditor(at("a|"), { type: "paste", text: "begin", cut: true });
    expect(cut.refused).toContain("nothing was pasted");
    expect(cut.state.text).toBe("a");
  });

  it("keeps its cursor between graphemes and within the text, whatever is done", () => {
    const names = [
      "left",
      "right",
      "wordLeft",
      "wordRight",
      "lineStart",
      "lineEnd",
      "deleteBack",
      "deleteForward",
      "transpose",
      "newline",
      "yank",
      "undo",
      "killWordBack",
      "killToEnd",
      "killToStart",
      "up",
      "down",
      "submit",
      "completeNext",
      "cancelCompletion",
    ] as const;
    const step = fc.oneof(
      fc.constantFrom(...names),
      fc.constantFrom("a", " ", "国", FAMILY, "\u0301", "\u200d", "🇩", "\n").map(type),
      fc.constant<EditorAction>({
        type: "offer",
        offer: {
          from: 0,
          to: 0,
          candidates: [
            { text: "x", label: "x" },
            { text: "yy", label: "y" },
          ],
        },
      }),
    );
    fc.assert(
      fc.property(fc.array(step, { maxLength: 40 }), (steps) => {
        let state = emptyEditor();
        for (const each of steps) {
          state = run(state, each);
          expect(state.cursor).toBeLessThanOrEqual(state.text.length);
          expect(snapToBoundary(state.text, state.cursor)).toBe(state.cursor);
        }
      }),
      { numRuns: 200 },
    );
  });
});

describe("sending", () => {
  it("gives the text without blank ends, empties the input and remembers it once", () => {
    const step = reduceEditor(at(" \nhi \n|"), { type: "submit" });
    expect(step.submitted).toBe("hi");
    expect(shown(step.state)).toBe("|");
    const again = reduceEditor(run(step.state, type("hi")), { type: "submit" });
    expect(again.state.history).toEqual(["hi"]);
  });

  it("keeps the indentation of the first line", () => {
    expect(reduceEditor(at("\n  if (a)\n    b|"), { type: "submit" }).submitted).toBe("  if (a)\n    b");
  });

  it("does not send blank text, and leaves it", () => {
    const step = reduceEditor(at("  |"), { type: "submit" });
    expect(step.submitted).toBeUndefined();
    expect(shown(step.state)).toBe("  |");
  });
});

describe("the history", () => {
  it("comes from the first row up, and gives the draft back below the newest", () => {
    const state = at("dra|ft", ["one", "two"]);
    expect(shown(run(state, "up"))).toBe("two|");
    expect(shown(run(state, "up", "up", "up"))).toBe("one|");
    expect(shown(run(state, "up", "up", "down"))).toBe("two|");
    expect(shown(run(state, "up", "down"))).toBe("draft|");
    expect(shown(run(state, "down"))).toBe("dra|ft");
  });

  it("is reached only from the first row of several", () => {
    const state = at("one\ntwo|", ["old"]);
    expect(shown(run(state, "up"))).toBe("one|\ntwo");
    expect(shown(run(state, "up", "up"))).toBe("old|");
  });

  it("is bounded", () => {
    expect(emptyEditor(Array.from({ length: 500 }, String)).history).toHaveLength(200);
  });
});

describe("pasting", () => {
  it("puts up to three lines in at once, without the line ends at the end", () => {
    expect(shown(run(at("a|"), { type: "paste", text: "1\n2\n3\n\n" }))).toBe("a1\n2\n3|");
  });

  it.each([
    ["insert", "a1\n2\n3\n4|"],
    ["join", "a1 2 3 4|"],
    ["drop", "a|"],
  ] as const)("asks from four lines on; the answer %s makes %j", (answer, after) => {
    const asked = run(at("a|"), { type: "paste", text: "1\n2\n3\n4" });
    expect(asked.question?.lines).toBe(4);
    expect(editorMode(asked)).toBe("question");
    expect(shown(run(asked, type("y"), "submit"))).toBe("a|");
    expect(shown(run(asked, { type: "answer", answer }))).toBe(after);
  });
});

describe("pasting more while it is asked about", () => {
  it("asks about all of it", () => {
    const asked = run(emptyEditor(), { type: "paste", text: "1\n2\n3\n4\n" }, { type: "paste", text: "5\n6" });
    expect(asked.question?.lines).toBe(6);
    expect(shown(run(asked, { type: "answer", answer: "insert" }))).toBe("1\n2\n3\n4\n5\n6|");
  });
});

describe("completion", () => {
  const offer: EditorAction = {
    type: "offer",
    offer: {
      from: 4,
      to: 6,
      candidates: [
        { text: "@nami ", label: "nami" },
        { text: "@nao ", label: "nao" },
      ],
    },
  };
  const state = at("hey @n| there");

  it("changes nothing until a candidate is taken, then goes around", () => {
    const offered = run(state, offer);
    expect(shown(offered)).toBe("hey @n| there");
    expect(editorMode(offered)).toBe("offer");
    expect(shown(run(offered, "completeNext"))).toBe("hey @nami | there");
    expect(shown(run(offered, "completeNext", "completeNext"))).toBe("hey @nao | there");
    expect(shown(run(offered, "completeNext", "completeNext", "completeNext"))).toBe("hey @nami | there");
    expect(shown(run(offered, "completePrevious"))).toBe("hey @nao | there");
  });

  it("puts the word back when it is cancelled, and is one step for undo", () => {
    const taken = run(state, offer, "completeNext", "completeNext");
    expect(shown(run(taken, "cancelCompletion"))).toBe("hey @n| there");
    expect(shown(run(taken, "acceptCompletion", "undo"))).toBe("hey @n| there");
  });

  it("ends when something is typed, and with a single candidate at once", () => {
    expect(editorMode(run(state, offer, "completeNext", type("x")))).toBe("text");
    const single = {
      type: "offer",
      offer: { from: 4, to: 6, candidates: [{ text: "@nami ", label: "nami" }] },
    } as const;
    const done = run(state, single, "completeNext");
    expect([shown(done), editorMode(done)]).toEqual(["hey @nami | there", "text"]);
  });

  it("tells which word it is about", () => {
    expect(completionQuery(state)).toEqual({ word: "@n", from: 4, to: 6, first: false });
    expect(completionQuery(at("/he|"))).toEqual({ word: "/he", from: 0, to: 3, first: true });
  });
});
