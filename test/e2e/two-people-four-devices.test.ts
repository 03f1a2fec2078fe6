import { describe, expect, it } from "vitest";
import { ENTER, gone, joinOnScreen, seen, startChat, statusOf } from "../support/full-screen.js";
import { newMachine } from "../support/machine.js";
import type { Terminal } from "../support/terminal.js";

/** Nami and Zoro, each with two devices in #general, in the order they came. */
async function startFour(): Promise<Readonly<Record<"nami" | "namiPhone" | "zoro" | "zoroPhone", Terminal>>> {
  const machine = await newMachine({ MANGAHUB_PRESENCE_OFFLINE_GRACE: "500ms" });
  const { terminal: nami } = await joinOnScreen({ machine });
  const join = async (name: string): Promise<Terminal> => {
    const terminal = startChat(machine, { name, cols: 72, rows: 18 });
    await seen(terminal, `you are ${name}`);
    return terminal;
  };
  const [namiPhone, zoro, zoroPhone] = [await join("nami"), await join("zoro"), await join("zoro")];
  return { nami, namiPhone, zoro, zoroPhone };
}

const FOCUS_IN = "\u001b[I";
const FOCUS_OUT = "\u001b[O";

const unread = (terminal: Terminal) => /~\S+\(\d+\)/.exec(statusOf(terminal))?.[0];

describe("two people with two devices each", () => {
  it("see presence, typing, marks that turn to read, and unread counts that clear on the other device", async () => {
    const { nami, namiPhone, zoro, zoroPhone } = await startFour();
    for (const terminal of [nami, namiPhone, zoro, zoroPhone]) await seen(terminal, /^ #general .* 2 online$/);

    zoro.type(`/away asleep${ENTER}`);
    for (const terminal of [zoro, zoroPhone]) await terminal.until(() => statusOf(terminal).includes("asleep"));
    for (const terminal of [nami, namiPhone]) await seen(terminal, /2 online · 1 away$/);

    nami.type("is anybody");
    for (const terminal of [zoro, zoroPhone]) await seen(terminal, /^ nami is typing…/);
    expect(namiPhone.rows.join("\n")).not.toContain("typing");
    nami.type(` here?${ENTER}`);
    for (const terminal of [zoro, zoroPhone]) {
      await seen(terminal, /nami │ is anybody here\?$/);
      await gone(terminal, "typing");
    }
    await seen(namiPhone, /you │ is anybody here\?/);

    // Nobody looks at Zoro's two screens: what Nami tells him has arrived, and is not read.
    for (const terminal of [zoro, zoroPhone]) terminal.type(FOCUS_OUT);
    nami.type(`/pm zoro the map is yours${ENTER}`);
    await seen(nami, /to zoro: the map is yours +✓✓$/);
    for (const terminal of [zoro, zoroPhone]) await terminal.until(() => unread(terminal) === "~nami(1)");
    zoro.type(FOCUS_IN);
    for (const terminal of [nami, namiPhone]) await seen(terminal, /to zoro: the map is yours +●$/);
    for (const terminal of [zoro, zoroPhone]) await terminal.until(() => unread(terminal) === undefined);

    // The same the other way round, with Nami in the room of the two on one device.
    namiPhone.type(FOCUS_OUT);
    nami.type(`/pm zoro${ENTER}`);
    await seen(nami, /@zoro · direct messages +◐ away: asleep$/);
    nami.type(FOCUS_OUT);
    zoro.type(`/pm nami thanks${ENTER}`);
    await seen(zoro, /to nami: thanks +✓✓$/);
    await namiPhone.until(() => unread(namiPhone) === "~zoro(1)");
    nami.type(FOCUS_IN);
    for (const terminal of [zoro, zoroPhone]) await seen(terminal, /to nami: thanks +●$/);
    await namiPhone.until(() => unread(namiPhone) === undefined);

    // One device goes, and the person stays; the last one goes, and so does the person.
    zoroPhone.type(`/quit${ENTER}`);
    await zoroPhone.ended;
    await seen(namiPhone, /2 online · 1 away$/);
    zoro.type(`/quit${ENTER}`);
    await zoro.ended;
    await seen(nami, /@zoro · direct messages +○ offline$/);
    await seen(namiPhone, /1 online$/);
  });
});
