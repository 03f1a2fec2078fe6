import { describe, expect, it } from "vitest";
import {
  CTRL_U,
  ENTER,
  ESCAPE,
  gone,
  joinOnScreen,
  seen,
  startChat,
  statusOf,
  TAB,
  typed,
} from "../support/full-screen.js";

const BELL = "\u0007";
const FOCUS_IN = "\u001b[I";
const FOCUS_OUT = "\u001b[O";
const PAGE_UP = "\u001b[5~";
const END = "\u001b[F";

describe("the full-screen chat", () => {
  it("takes the whole screen, and says who is there", async () => {
    const { terminal } = await joinOnScreen();
    await seen(terminal, /^ #general .* 1 online$/);
    expect(terminal.buffer).toBe("alternate");
    expect(terminal.rows[0]).toMatch(/^ #general .* 1 online$/);
    expect(statusOf(terminal)).toMatch(/^ #general .*●/);
    await typed(terminal, "", 0);
  });

  it("shows what is typed, delivers it, and shows what the other side says", async () => {
    const { machine, terminal } = await joinOnScreen();
    const other = startChat(machine, { name: "zoro", cols: 60, rows: 20 });
    await seen(other, "you are zoro");
    await seen(terminal, "2 online");
    await seen(terminal, /-- │ zoro joined/);
    terminal.type("hello");
    await typed(terminal, "hello", 5);
    terminal.type(ENTER);
    await seen(terminal, /you │ hello +✓$/);
    await typed(terminal, "", 0);
    await seen(other, /nami │ hello$/);
    other.type(`nami, look${ENTER}`);
    await seen(other, /you │ nami, look +✓$/);
    await seen(terminal, /zoro @ nami, look$/);
  });

  it("answers /users and /status in the list of messages", async () => {
    const { machine, terminal } = await joinOnScreen();
    terminal.type(`/users${ENTER}`);
    await seen(terminal, /\* │ 1 online:$/);
    await seen(terminal, /│ +nami \(you\) in #general$/);
    terminal.type(`/status${ENTER}`);
    await seen(terminal, `127.0.0.1:${machine.port}`);
  });

  it("lays the help over the messages until Esc", async () => {
    const { terminal } = await joinOnScreen();
    terminal.type(`before${ENTER}`);
    await seen(terminal, /you │ before +✓$/);
    const before = terminal.rows.slice(1, -3);
    terminal.type(`/help${ENTER}`);
    await seen(terminal, "/users");
    await seen(terminal, " help ");
    terminal.type(ESCAPE);
    await gone(terminal, "/users");
    expect(terminal.rows.slice(1, -3)).toEqual(before);
  });

  it("completes with Tab, from a list above the input", async () => {
    const { machine, terminal } = await joinOnScreen();
    await machine.join("zoro");
    await seen(terminal, "2 online");
    terminal.type("/");
    await seen(terminal, /^ .*\/users .*/);
    terminal.type(`sta${TAB}`);
    await typed(terminal, "/status");
    terminal.type(CTRL_U);
    await typed(terminal, "");
    terminal.type(`zo${TAB}`);
    await typed(terminal, "zoro:");
  });

  it("marks what came while the terminal was not looked at, until Esc, and rings for a mention", async () => {
    const { machine, terminal } = await joinOnScreen();
    await machine.ok(["chat", "send", "first", "--name", "zoro"]);
    await seen(terminal, /zoro │ first$/);
    terminal.type(FOCUS_OUT);
    const from = terminal.raw.length;
    await machine.ok(["chat", "send", "nami, look", "--name", "zoro"]);
    await seen(terminal, /zoro @ nami, look$/);
    await seen(terminal, /╌ 1 new since \d\d:\d\d ╌/);
    expect(terminal.raw.slice(from)).toContain(BELL);
    terminal.type(FOCUS_IN);
    terminal.type(ESCAPE);
    await gone(terminal, "new since");
    await seen(terminal, /zoro @ nami, look$/);
  });

  it("scrolls up to what was said before, says how far below the newest is, and comes back", async () => {
    const { machine, terminal } = await joinOnScreen({ rows: 12 });
    for (let count = 1; count <= 30; count += 1) {
      terminal.type(`line ${count}.${ENTER}`);
      await seen(terminal, `line ${count}.`);
      await typed(terminal, "", 0);
    }
    await seen(terminal, /you │ line 30\. +✓$/);
    terminal.type(PAGE_UP);
    await seen(terminal, /▼ \d+ below · End$/);
    await gone(terminal, "line 30.");
    await machine.ok(["chat", "send", "news", "--name", "zoro"]);
    terminal.type(PAGE_UP);
    await seen(terminal, "line 16.");
    await gone(terminal, "news");
    terminal.type(END);
    await seen(terminal, /zoro │ news$/);
    await gone(terminal, "below");
  });
});
