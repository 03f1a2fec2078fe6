import { describe, expect, it } from "vitest";
import { ENTER, gone, joinOnScreen, type OnScreen, seen, startChat, statusOf } from "../support/full-screen.js";
import type { Machine } from "../support/machine.js";
import type { Terminal } from "../support/terminal.js";

const FOCUS_IN = "\u001b[I";
const FOCUS_OUT = "\u001b[O";
const SENT = /psst +✓$/;
const DELIVERED = /psst +✓✓$/;
const READ = /psst +●$/;

/** Somebody in the full-screen chat who does not look at it. */
async function joinUnseen(name: string, machine?: Machine): Promise<OnScreen> {
  const joined = await joinOnScreen(machine === undefined ? { name } : { name, machine });
  joined.terminal.type(FOCUS_OUT);
  return joined;
}

const statusHas = (terminal: Terminal, text: string) => terminal.until(() => statusOf(terminal).includes(text));
const statusLacks = (terminal: Terminal, text: string) => terminal.until(() => !statusOf(terminal).includes(text));

describe("marks in the full-screen chat", () => {
  it("turn from sent to read, and what is unread clears, on all devices of two people", async () => {
    const { machine, terminal: laptop } = await joinOnScreen({ name: "nami" });
    const { terminal: phone } = await joinUnseen("nami", machine);
    const { terminal: ship } = await joinUnseen("zoro", machine);
    const { terminal: shore } = await joinUnseen("zoro", machine);
    laptop.type(`/pm zoro psst${ENTER}`);
    for (const terminal of [laptop, phone]) await seen(terminal, DELIVERED);
    for (const terminal of [ship, shore]) {
      await seen(terminal, /~nami @ to you: psst$/);
      await statusHas(terminal, "~nami(1)");
    }
    for (const terminal of [laptop, phone]) expect(terminal.rows.filter((row) => row.includes("psst"))).toHaveLength(1);
    ship.type(FOCUS_IN);
    for (const terminal of [laptop, phone]) await seen(terminal, READ);
    for (const terminal of [ship, shore]) await statusLacks(terminal, "(1)");
  });

  it("show what is unread after a start, until its room is looked at", async () => {
    const { machine, terminal } = await joinOnScreen({ name: "nami" });
    await (await machine.join("zoro")).hangUp();
    await machine.ok(["chat", "send", "psst", "--to", "zoro", "--name", "nami"]);
    await seen(terminal, SENT);
    const { terminal: zoro } = await joinOnScreen({ machine, name: "zoro" });
    // It was said before, so it stands nowhere among the lines of #general, and is not read by looking at them.
    await statusHas(zoro, "~nami(1)");
    await seen(terminal, DELIVERED);
    zoro.type(`/pm nami${ENTER}`);
    await seen(zoro, /╌ 1 new since \d\d:\d\d ╌/);
    await seen(terminal, READ);
    await statusLacks(zoro, "(1)");
  });

  it("are made by plain lines, too: on a terminal with the next line typed, in a pipe only of what has arrived", async () => {
    const { machine, terminal } = await joinOnScreen({ name: "nami" });
    const pipe = await machine.join("robin");
    terminal.type(`/pm robin for robin${ENTER}`);
    await pipe.stdout.until("(from nami) for robin");
    pipe.say("hello");
    await seen(terminal, /robin │ hello$/);
    const plain = startChat(machine, { name: "zoro", args: ["--plain"] });
    await seen(plain, "you are zoro");
    terminal.type(`/pm zoro psst${ENTER}`);
    await seen(plain, "(from nami) psst");
    await seen(terminal, DELIVERED);
    plain.type(`yes?${ENTER}`);
    await seen(terminal, READ);
    await seen(terminal, /for robin +✓✓$/);
  });

  it("are not told by whoever keeps them private", async () => {
    const { machine, terminal } = await joinOnScreen({ name: "nami" });
    const options = { machine, name: "zoro", env: { MANGAHUB_CLIENT_SEND_RECEIPTS: "false" } };
    const { terminal: ship } = await joinOnScreen(options);
    const { terminal: shore } = await joinOnScreen(options);
    shore.type(FOCUS_OUT);
    terminal.type(`/pm zoro psst${ENTER}`);
    for (const one of [ship, shore]) await seen(one, /~nami @ to you: psst$/);
    // Read there, which the other device is told and nobody else.
    await statusLacks(shore, "(1)");
    ship.type(`/pm nami yes?${ENTER}`);
    await seen(terminal, /~zoro @ to you: yes\?$/);
    await seen(terminal, SENT);
    await gone(terminal, DELIVERED);
  });
});
