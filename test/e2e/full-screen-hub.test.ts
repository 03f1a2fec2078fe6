import { describe, expect, it } from "vitest";
import { ENTER, joinOnScreen, seen, startChat, statusOf, typed } from "../support/full-screen.js";
import { newMachine } from "../support/machine.js";

const NO_START = { MANGAHUB_CLIENT_START_HUB: "false" };

describe("the full-screen chat without its hub", () => {
  it("says so, keeps what is typed, and delivers it once when the hub is back", async () => {
    const machine = await newMachine(NO_START);
    const hub = await machine.serve();
    const { terminal } = await joinOnScreen({ machine });
    terminal.type(`before${ENTER}`);
    await seen(terminal, /you │ before +✓$/);
    hub.kill("SIGKILL");
    await hub.ended;
    await terminal.until(() => /(?:re)?connecting/.test(statusOf(terminal)));
    await seen(terminal, "no connection");
    terminal.type(`meanwhile${ENTER}`);
    await seen(terminal, /you │ meanwhile +…$/);
    await terminal.until(() => statusOf(terminal).includes("1 waiting"));
    await typed(terminal, "", 0);
    await machine.serve();
    await seen(terminal, /you │ meanwhile +✓$/);
    await terminal.until(() => statusOf(terminal).includes("●"));
    expect((await machine.messages()).map(({ message }) => message)).toEqual(["before", "meanwhile"]);
    expect(terminal.rows.filter((row) => row.includes("meanwhile"))).toHaveLength(1);
  });

  it("brings back the hub of its own machine by itself", async () => {
    const { machine, terminal } = await joinOnScreen();
    await machine.endHub("SIGKILL");
    terminal.type(`still here${ENTER}`);
    await seen(terminal, /you │ still here +✓$/);
    await terminal.until(() => statusOf(terminal).includes("●"));
    expect(await machine.messages()).toMatchObject([{ message: "still here" }]);
  });

  it("keeps what was not delivered when it is left, and says so on the shell's screen", async () => {
    const machine = await newMachine(NO_START);
    const hub = await machine.serve();
    const { terminal } = await joinOnScreen({ machine });
    hub.kill("SIGKILL");
    await terminal.until(() => /connecting/.test(statusOf(terminal)));
    terminal.type(`for later${ENTER}`);
    await seen(terminal, /you │ for later +…$/);
    terminal.type(`/quit${ENTER}`);
    expect(await terminal.ended).toBe(7);
    expect(terminal.lines.join("\n")).toContain("1 message is kept and not delivered yet");
  });

  it("says at first which address cannot be reached, why, and how a hub is started, and takes one that comes", async () => {
    const machine = await newMachine();
    const terminal = startChat(machine, { env: { MANGAHUB_CLIENT_SERVER: machine.url }, cols: 120 });
    await seen(terminal, `cannot reach ${machine.url}/ws: connect ECONNREFUSED`);
    await seen(terminal, "start one: mangahub serve");
    await machine.serve();
    await seen(terminal, "you are nami in #general");
    expect(terminal.rows.filter((row) => row.includes("cannot reach"))).toHaveLength(1);
  });

  it("waits on its screen for a hub that is not there at first", async () => {
    const machine = await newMachine(NO_START);
    const terminal = startChat(machine, {});
    await terminal.until(() => /connecting/.test(statusOf(terminal)));
    await machine.serve();
    await seen(terminal, "you are nami in #general");
    terminal.type(`hello${ENTER}`);
    await seen(terminal, /you │ hello +✓$/);
  });
});
