import { describe, expect, it, onTestFinished } from "vitest";
import { WebSocketClient } from "../../src/client/node.js";
import { ENTER, gone, joinOnScreen, seen, statusOf } from "../support/full-screen.js";
import { newMachine } from "../support/machine.js";

const BELL = "\u0007";
const FOCUS_OUT = "\u001b[O";

/** Somebody with a microphone, such as in a browser. */
async function startPhone(url: string): Promise<WebSocketClient> {
  const phone = new WebSocketClient(url, "zoro", "zoro", { key: "key-of-zoro", calls: true });
  onTestFinished(() => phone.disconnect());
  await phone.connect("general");
  return phone;
}

describe("a call", () => {
  it("rings in the full-screen chat, is declined, and leaves a line in the direct room", async () => {
    const { machine, terminal } = await joinOnScreen({ cols: 90 });
    const phone = await startPhone(machine.url);
    const { call_id } = await phone.call("nami", "offer", { media: "video" });
    await seen(terminal, /^ ✆ zoro is calling with video .*\/decline declines $|^ ✆ zoro is calling with video/);
    await seen(terminal, /✆ │ zoro is calling, with video: to answer, open/);
    await seen(terminal, `http://127.0.0.1:${machine.port}/?${new URLSearchParams({ call: call_id })}`);
    expect(terminal.raw.split(BELL)).toHaveLength(2);
    terminal.type(`/decline${ENTER}`);
    await gone(terminal, /^ ✆/);
    expect(terminal.rows[0]).toMatch(/^ #general/);
    await seen(terminal, /✆ │ declined video call from zoro$/);
    terminal.type(`/pm zoro${ENTER}`);
    await seen(terminal, /^ @zoro/);
    await seen(terminal, /✆ │ declined video call from zoro$/);
  });

  it("that nobody saw or answered counts as unread, and is still there after a restart", async () => {
    const { machine, terminal } = await joinOnScreen({ cols: 90 });
    terminal.type(FOCUS_OUT);
    const phone = await startPhone(machine.url);
    const { call_id } = await phone.call("nami", "offer");
    await seen(terminal, /^ ✆ zoro is calling /);
    await phone.hangUp(call_id);
    await seen(terminal, /✆ │ missed call from zoro$/);
    await terminal.until(() => statusOf(terminal).includes("~zoro(1)"));
    terminal.type(`/pm zoro${ENTER}`);
    await seen(terminal, /1 new since/);
    await terminal.until(() => !statusOf(terminal).includes("(1)"));
    terminal.type(`/quit${ENTER}`);
    expect(await terminal.ended).toBe(0);
    const again = await joinOnScreen({ machine, cols: 90 });
    again.terminal.type(`/pm zoro${ENTER}`);
    await seen(again.terminal, /✆ │ missed call from zoro$/);
  });

  it("is told on stderr by the plain chat, and what became of it among the messages", async () => {
    const machine = await newMachine();
    const nami = await machine.join("nami");
    const phone = await startPhone(machine.url);
    const { call_id } = await phone.call("nami", "offer");
    await nami.stderr.until(`zoro is calling: to answer, open http://127.0.0.1:${machine.port}/?call=`);
    nami.say("/decline");
    await nami.stderr.until("zoro is not calling any more");
    await nami.stdout.until("* declined call from zoro");
    expect(nami.stdout.text).not.toContain(call_id);
    expect(nami.stdout.text).not.toContain("calling");
  });
});
