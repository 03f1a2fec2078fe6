import { expect, it } from "vitest";
import { Turns } from "../../../../src/server/hub/turns.js";

it("does one piece of work at a time, in the order they were asked for, also after one that failed", async () => {
  const turns = new Turns();
  const log: string[] = [];
  const work = (name: string) => async (): Promise<number> => {
    log.push(`${name} begins`);
    await Promise.resolve();
    log.push(`${name} ends`);
    if (name === "two") throw new Error("the page is gone");
    return 0;
  };
  const results = await Promise.allSettled(["one", "two", "three"].map((name) => turns.take(work(name))));
  expect(results.map(({ status }) => status)).toEqual(["fulfilled", "rejected", "fulfilled"]);
  expect(log).toEqual(["one", "two", "three"].flatMap((name) => [`${name} begins`, `${name} ends`]));
});

it("lets everybody else have the event loop between two turns", async () => {
  const turns = new Turns();
  const log: string[] = [];
  const first = turns.take(async () => 0);
  const second = turns.take(async () => {
    log.push("second turn");
    return 0;
  });
  setImmediate(() => log.push("somebody else"));
  await Promise.all([first, second]);
  expect(log).toEqual(["somebody else", "second turn"]);
});
