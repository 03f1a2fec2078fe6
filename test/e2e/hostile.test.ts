import { readFile } from "node:fs/promises";
import { describe, expect, it, onTestFinished } from "vitest";
import { newMachine } from "../support/machine.js";
import { RawClient } from "../support/raw-client.js";

const ESC = "\u001b";
const BELL = "\u0007";
const HOSTILE = [
  `${ESC}]0;owned${BELL}`,
  `${ESC}]8;;http://evil.example${ESC}\\click${ESC}]8;;${ESC}\\`,
  `${ESC}]52;c;ZXZpbA==${BELL}`,
  `${ESC}[2J${ESC}[31m${ESC}[?1049h`,
  "\u009b31m\u009d0;c1\u009c\u0085",
  "\u202egnp.exe\u202c\u2066\u2069",
  "a\u0000b\u0008c\u007f",
  "\r09:00 nami: forged",
  `z${"\u0301".repeat(2048)}`,
  `${ESC}]0;never ends`,
].join(" ");
const FRIENDLY = [
  "👩‍👩‍👧‍👦 🏴‍☠️ 👍🏽 🇯🇵",
  "海賊王に、おれはなる！",
  "می‌خواهم ببینم",
  "नमस्ते, क्षत्रिय",
  "Zoë e\u0301 ไม่ได้",
] as const;

// Line feeds and tabs are harmless; all other controls, and what turns text around, are not.
const HARMFUL = /[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u202a-\u202e\u2066-\u2069]|\p{M}{9}/u;

function expectHarmless(text: string): void {
  expect(HARMFUL.exec(text)?.[0]).toBeUndefined();
}

describe("a message full of escape sequences", () => {
  it.each(["by our own command", "by a program of seed 1"])(
    "sent %s, is harmless wherever it is shown",
    async (how) => {
      const machine = await newMachine();
      const reader = await machine.join("nami");
      if (how === "by our own command") await machine.ok(["chat", "send", "-", "--name", "evil"], { input: HOSTILE });
      else {
        const raw = new RawClient(`${machine.url}/ws/general?user_id=evil&username=evil`, { protocol: null });
        onTestFinished(() => raw.ws.terminate());
        await raw.opened();
        raw.sendText(JSON.stringify({ message: HOSTILE, username: `${ESC}[31mnami\u202e`, room_id: "general" }));
      }
      await reader.stdout.until("never ends");
      expect(await reader.hangUp()).toMatchObject({ code: 0 });
      expectHarmless(reader.stdout.text);
      // Nobody writes a line in another's name: continued lines hang behind a bar.
      expect(reader.stdout.text).not.toMatch(/^\d\d:\d\d nami: forged/m);
      expectHarmless(await machine.ok(["chat", "history"]));
      expectHarmless(await machine.ok(["chat", "history", "--json"]));
      await machine.endHub("SIGTERM");
      expectHarmless(await machine.ok(["chat", "history"]));
      expectHarmless(await readFile(machine.file("data/hub.log"), "utf8"));
    },
  );

  it("is no name, becomes a harmless one where it cannot be refused, and is harmless in the hub's log", async () => {
    const machine = await newMachine();
    const reader = await machine.join("nami");
    const query = new URLSearchParams({ user_id: "evil", username: `${ESC}]0;x${BELL}ev\u202eil` });
    const url = `${machine.url}/ws/general?${query}`;
    expect((await new RawClient(url).closed).code).toBe(4400);
    const bent = await new RawClient(url, { protocol: null }).opened();
    onTestFinished(() => bent.ws.terminate());
    bent.ws.send(JSON.stringify({ message: "bent" }));
    await reader.stdout.until(": bent");
    await machine.ok(["chat", "send", "done"]);
    await reader.stdout.until(": done");
    expectHarmless(reader.stdout.text);
    expectHarmless(await machine.ok(["chat", "users"]));
    expectHarmless(await readFile(machine.file("data/hub.log"), "utf8"));
  });

  it("is harmless in the outbox and in what is refused", async () => {
    const machine = await newMachine();
    const refused = await machine.run(["chat", "send", "-", "--to", "nobody"], { input: HOSTILE });
    expectHarmless(refused.stderr);
    expectHarmless(await machine.ok(["chat", "outbox"]));
    const usage = await machine.run(["chat", "join", "--room", `${ESC}[31mx\u202e`]);
    expect(usage.code).toBe(2);
    expectHarmless(usage.stderr);
    const unknown = await machine.run([`${ESC}]0;x${BELL}`]);
    expect(unknown.code).toBe(2);
    expectHarmless(unknown.stderr);
  });

  it("is harmless in a name of our own", async () => {
    const machine = await newMachine();
    const named = await machine.run(["chat", "send", "hi", "--name", `${ESC}[31mna\u202emi`]);
    expectHarmless(named.stderr);
    expectHarmless(await machine.ok(["chat", "history"]));
  });
});

describe("people's own writing", () => {
  it.each(FRIENDLY)("comes through unchanged: %s", async (text) => {
    const machine = await newMachine();
    const reader = await machine.join("nami");
    await machine.ok(["chat", "send", text, "--name", "zoro"]);
    await reader.stdout.until(`zoro: ${text}\n`);
    await reader.hangUp();
    expect(await machine.messages()).toMatchObject([{ message: text }]);
    expect(await machine.ok(["chat", "history"])).toContain(`zoro: ${text}\n`);
    await machine.endHub("SIGTERM");
    expect(await machine.ok(["chat", "history"])).toContain(`zoro: ${text}\n`);
  });

  it("may be a name", async () => {
    const machine = await newMachine();
    const reader = await machine.join("nami");
    await machine.ok(["chat", "send", "hi", "--name", "ロロノア・ゾロ"]);
    await reader.stdout.until("ロロノア・ゾロ: hi\n");
  });
});
