import { describe, expect, it } from "vitest";
import { type Beating, Heartbeat } from "../../../../src/server/sockets/heartbeat.js";

function setUp() {
  const clock = { now: 0 };
  const said: string[] = [];
  const member = (name: string) => {
    const beating = {
      look: () => {},
      heard_at: 0,
      pinged_at: 0,
      unfinished_since: undefined as number | undefined,
      ping: () => void said.push(`ping ${name} ${clock.now}`),
      onSilent: () => void said.push(`silent ${name}`),
      onUnfinished: () => void said.push(`unfinished ${name}`),
    };
    return beating satisfies Beating;
  };
  const members = [member("a"), member("b")] as const;
  const heartbeat = new Heartbeat(
    { ping_period: 54, pong_wait: 60, message_timeout: 10 },
    { members, now: () => clock.now },
  );
  const at = (now: number): void => {
    clock.now = now;
    heartbeat.beat();
  };
  return { members, said, at };
}

describe("the heartbeat", () => {
  it("pings once a period, and those who talk not at all", () => {
    const { members, said, at } = setUp();
    for (const now of [10, 53]) at(now);
    expect(said).toEqual([]);
    members[1].heard_at = 50;
    for (const now of [54, 55, 56]) at(now);
    expect(said).toEqual(["ping a 54"]);
    members[0].heard_at = 55;
    for (const now of [104, 108, 109]) at(now);
    expect(said).toEqual(["ping a 54", "ping b 104", "ping a 109"]);
  });

  it("gives up whoever has not ended a message in time, however alive", () => {
    const { members, said, at } = setUp();
    members[0].unfinished_since = 5;
    members[1].unfinished_since = 6;
    for (const member of members) member.heard_at = 14;
    at(14);
    at(15);
    expect(said).toEqual(["unfinished a"]);
  });

  it("gives up whoever was silent for the whole wait", () => {
    const { members, said, at } = setUp();
    members[1].heard_at = 30;
    at(59);
    at(60);
    expect(said).toEqual(["ping a 59", "silent a"]);
  });
});
