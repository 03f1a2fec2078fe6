import { describe, expect, it } from "vitest";
import { BACKSPACE, CTRL_U, ENTER, gone, joinOnScreen, seen, startChat, statusOf } from "../support/full-screen.js";

async function startTwo(env: Readonly<Record<string, string>> = {}) {
  const { machine, terminal: nami } = await joinOnScreen();
  const zoro = startChat(machine, { name: "zoro", env });
  await seen(zoro, "you are zoro");
  await seen(nami, "2 online");
  return { machine, nami, zoro };
}

describe("people on the full screen", () => {
  it("are seen typing, until they stop, say it, or fall silent", async () => {
    const { nami, zoro } = await startTwo();
    zoro.type("h");
    await seen(nami, /^ zoro is typing…/);
    expect(zoro.rows.join("\n")).not.toContain("typing");
    zoro.type(BACKSPACE);
    await gone(nami, "typing");
    zoro.type("hello");
    // The next start may take three seconds: no more are passed on.
    await seen(nami, /^ zoro is typing…/);
    zoro.type(ENTER);
    await seen(nami, /zoro │ hello$/);
    await gone(nami, "typing");
    zoro.type("/pm nami secret");
    await seen(zoro, "/pm nami secret");
    zoro.type(CTRL_U);
    zoro.type("x");
    await seen(nami, /^ zoro is typing…/);
    zoro.kill();
    await gone(nami, "typing");
  });

  it("show their status: in the title, in /users, and one's own above the input", async () => {
    const { nami, zoro } = await startTwo();
    zoro.type(`/away lunch${ENTER}`);
    await seen(zoro, "you are away: lunch");
    await zoro.until(() => statusOf(zoro).includes("◐ away: lunch"));
    await seen(nami, /2 online · 1 away$/);
    nami.type(`/users${ENTER}`);
    await seen(nami, /│ +zoro \(away: lunch\) in #general$/);
    nami.type(`/pm zoro psst${ENTER}`);
    await seen(zoro, /to you: psst$/);
    await seen(nami, /to zoro: psst/);
    nami.type(`/pm zoro${ENTER}`);
    await seen(nami, /@zoro · direct messages +◐ away: lunch$/);
    zoro.type(`/back${ENTER}`);
    await seen(nami, /@zoro · direct messages +● online$/);
    zoro.type(`/quit${ENTER}`);
    await zoro.ended;
    await seen(nami, /@zoro · direct messages +○ offline$/);
  });

  it("appear away by themselves after a while without a key, and are back with one", async () => {
    const { nami, zoro } = await startTwo({ MANGAHUB_CLIENT_AUTO_AWAY: "1s" });
    await seen(nami, /2 online · 1 away$/);
    await zoro.until(() => statusOf(zoro).includes("◐ away"));
    zoro.type("x");
    await seen(nami, /2 online$/);
    await zoro.until(() => !statusOf(zoro).includes("away"));
  });

  it("are told of in plain lines only where it is asked for", async () => {
    const { machine, nami } = await startTwo();
    nami.type(`/busy${ENTER}`);
    await seen(nami, "you are busy");
    nami.type("half a sentence");
    const { stdout } = await machine.run(["chat", "join", "--name", "sanji", "--plain"], {
      input: "/away asleep\n/users\n/whois nami\n/quit\n",
    });
    expect(stdout).toContain("- you are away: asleep");
    expect(stdout).toMatch(/nami \(busy\) in #general/);
    expect(stdout).toContain("nami");
    expect(stdout).not.toContain("typing");
    const users = await machine.ok(["chat", "users", "--json"]);
    expect(
      users
        .split("\n")
        .filter(Boolean)
        .map((line) => JSON.parse(line)),
    ).toContainEqual(expect.objectContaining({ username: "nami", status: "busy" }));
  });
});
