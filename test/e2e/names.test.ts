import { describe, expect, it } from "vitest";
import { newMachine } from "../support/machine.js";
import { RawClient } from "../support/raw-client.js";

describe("a name", () => {
  it("is not kept for a program that only sends: a new container has it again, however often", async () => {
    const server = await newMachine();
    await server.serve();
    for (let run = 0; run < 11; run += 1) {
      const container = await newMachine();
      await container.ok(["chat", "send", `run ${run}`, "--name", "ci-bot", "--server", server.url]);
    }
    const names = (await server.messages()).map(({ username }) => username);
    expect(names).toEqual(Array(11).fill("ci-bot"));
  });

  it("is who `chat send --to` reaches, whatever ids others come with", async () => {
    const machine = await newMachine();
    await machine.serve();
    const zoro = await machine.join("zoro");
    const thief = new RawClient(`${machine.url}/ws?user_id=zoro&username=x`);
    expect(await thief.closed).toMatchObject({ code: 4403 });
    await machine.ok(["chat", "send", "psst", "--to", "zoro", "--name", "nami"]);
    await zoro.stdout.until("psst");
    await machine.ok(["chat", "send", "again", "--to", "name:zoro", "--name", "nami"]);
    await zoro.stdout.until("again");
  });
});
