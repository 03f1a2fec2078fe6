import { writeFile } from "node:fs/promises";
import { describe, expect, it, onTestFinished } from "vitest";
import { newMachine, type Program } from "../support/machine.js";
import { RawClient } from "../support/raw-client.js";

/** Port and line of a hub that listens on a port of its own choice. */
function startLine(hub: Program): string {
  return hub.stdout.lines[0] ?? "";
}

describe("mangahub serve", () => {
  it("says where it listens and which database it uses, and ends well on SIGTERM", async () => {
    const machine = await newMachine();
    const hub = await machine.serve();
    expect(startLine(hub)).toBe(`mangahub listens on ${machine.url} (database ${machine.file("data/hub.db")})`);
    await machine.ok(["chat", "send", "hi"]);
    hub.kill("SIGTERM");
    expect(await hub.ended).toMatchObject({ code: 0 });
    expect(await machine.messages()).toMatchObject([{ message: "hi" }]);
  });

  it("ends well within the 10 s of a container, though a client neither reads nor answers", async () => {
    const machine = await newMachine();
    const hub = await machine.serve();
    const deaf = new RawClient(`${machine.url}/ws`);
    onTestFinished(() => deaf.ws.terminate());
    await deaf.next("connected");
    deaf.ws.pause();
    const began = performance.now();
    hub.kill("SIGTERM");
    expect(await hub.ended).toMatchObject({ code: 0 });
    expect(performance.now() - began).toBeLessThan(8000);
  });

  it("tells those who are connected before it ends, and they come back to the next one", async () => {
    const machine = await newMachine({ MANGAHUB_CLIENT_START_HUB: "false" });
    const first = await machine.serve();
    const nami = await machine.join("nami");
    first.kill("SIGTERM");
    expect(await first.ended).toMatchObject({ code: 0 });
    await nami.stderr.until("the connection is lost");
    nami.say("while it was away");
    await machine.serve();
    await nami.stderr.until("connected again");
    await nami.stdout.until("nami: while it was away");
  });

  it("what was typed while it is away is kept when the chat is left", async () => {
    const machine = await newMachine({ MANGAHUB_CLIENT_START_HUB: "false" });
    const hub = await machine.serve();
    const nami = await machine.join("nami");
    hub.kill("SIGKILL");
    await nami.stderr.until("the connection is lost");
    nami.say("for later", "/quit");
    const left = await nami.ended;
    expect(left.code).toBe(7);
    expect(left.stderr).toContain("mangahub: 1 message is kept and not delivered yet\n  the next command");
    await machine.serve();
    await machine.ok(["chat", "rooms", "--name", "nami"]);
    expect(await machine.messages()).toMatchObject([{ username: "nami", message: "for later" }]);
  });

  it("takes PORT, which its own variable and the flag outdo", async () => {
    const machine = await newMachine({ MANGAHUB_WEBSOCKET_PORT: "" });
    const hub = await machine.serve([], { PORT: String(machine.port) });
    expect(startLine(hub)).toContain(`:${machine.port} `);
    const other = await machine.serve(["--port", "0", "--data-dir", machine.file("other")], { PORT: "1" });
    expect(startLine(other)).not.toContain(":1 ");
  });

  it("prints its start line as JSON for programs", async () => {
    const machine = await newMachine();
    const hub = await machine.serve(["--json", "--no-limits", "--database", "own.db"]);
    expect(JSON.parse(startLine(hub))).toEqual({
      type: "listening",
      url: machine.url,
      database: machine.file("own.db"),
      limits: false,
    });
  });

  it("takes settings from the directory it is started in, but not the client's", async () => {
    const machine = await newMachine();
    await writeFile(machine.file("mangahub.config.yaml"), "limits:\n  enabled: false\nclient:\n  name: evil\n");
    const hub = await machine.serve();
    expect(startLine(hub)).toContain("without rate limits");
    expect(hub.stderr.text).toMatch(/^mangahub: .*mangahub.config.yaml: `client` is ignored in this file/);
  });

  it("serves on when nobody reads its log any more, and ends well on SIGTERM", async () => {
    const machine = await newMachine({ MANGAHUB_LOG_LEVEL: "debug" });
    const hub = await machine.serve();
    hub.closeStdout();
    hub.closeStderr();
    const nami = await machine.join("nami");
    for (const text of ["one", "two", "three"]) await machine.ok(["chat", "send", text, "--name", "zoro"]);
    await nami.stdout.until("zoro: three");
    expect(nami.stderr.text).not.toContain("the connection is lost");
    hub.kill("SIGTERM");
    expect(await hub.ended).toMatchObject({ code: 0 });
    await nami.stderr.until("the connection is lost");
  });

  it("says who has its port or its database: a hub, or one that `chat` has started in the background", async () => {
    const machine = await newMachine();
    await machine.ok(["chat", "send", "hi"]);
    const { pid } = await machine.hub();
    const background = `the background hub with process id ${pid}, as mangahub chat starts them: it ends 30 s after the last`;
    const port = await machine.run(["serve"]);
    expect(port).toMatchObject({ code: 4, stdout: "" });
    expect(port.stderr).toContain(`port ${machine.port} is in use by ${background}`);
    for (const args of [
      ["serve", "--port", "0"],
      ["db", "restore", machine.file("data/hub.db-copy")],
    ]) {
      const database = await machine.run(args);
      expect(database.code).not.toBe(0);
      expect(database.stderr).toContain(`the database ${machine.file("data/hub.db")} is in use by the background hub`);
      expect(database.stderr).toContain(`process id ${pid}`);
      expect(database.stderr).toContain("it ends 30 s after the last one has left");
    }
    const other = await newMachine();
    const hub = await other.serve();
    const taken = await other.run(["serve"]);
    expect(taken.stderr).toContain(
      `port ${other.port} is in use by the hub with process id ${(await other.hub()).pid}`,
    );
    hub.kill("SIGTERM");
    await hub.ended;
  });
});
