import { describe, expect, it } from "vitest";
import type { RoomId } from "../../../src/protocol/room-id.js";
import type { Entry } from "../../delivery/record.js";
import type { Invariant } from "../../delivery/verdict.js";
import {
  acknowledgesBeforeCommit,
  answersMarksBeforeCommit,
  type FaultyStore,
  keepsTheLastMark,
  losesAnAck,
  resumesOffBy,
  speaksToThoseWhoLeft,
  soundStore,
  storesRetriesAgain,
  swapsMessages,
} from "./faulty-hub.js";
import { setStage, type Stage } from "./stage.js";

// Where everybody on the stage is.
const PLANTED = "planted" as RoomId;
const ACKED: Invariant = "acked implies stored";
const SEEN: Invariant = "each subscriber saw a strictly increasing sequence without holes between ok and reset";
const IDEMPOTENT: Invariant = "the same client_id is the same seq for ever";
const ONE_SEQ: Invariant = "stored implies exactly one seq";
const MARKS: Invariant = "marks never go back";
const LEFT: Invariant = "nobody received an event of a room after its own removal";
const ORDER: Invariant = "all saw the same order";

describe("the delivery checker", () => {
  it("finds nothing in a hub without a bug", async () => {
    expect((await meetAgain(soundStore())).broken()).toEqual([]);
    expect((await losingAnAck(soundStore())).broken()).toEqual([]);
    expect((await marking(soundStore())).broken()).toEqual([]);
  });

  it("finds an acknowledgement before the commit", async () => {
    expect((await meetAgain(acknowledgesBeforeCommit())).broken()).toContain(ACKED);
  });

  it.each([1, -1] as const)("finds a resume that is off by %i", async (error) => {
    expect((await meetAgain(resumesOffBy(error))).broken()).toContain(SEEN);
  });

  it("finds a retry that is stored again", async () => {
    const broken = (await losingAnAck(storesRetriesAgain())).broken();
    expect(broken).toContain(ONE_SEQ);
    expect(broken).toContain(IDEMPOTENT);
  });

  it("finds a mark that goes back", async () => {
    expect((await marking(keepsTheLastMark())).broken()).toContain(MARKS);
  });

  it("finds a mark that is answered before the commit", async () => {
    expect((await marking(answersMarksBeforeCommit(), [2, 5])).broken()).toContain(MARKS);
  });

  it("finds an event that reaches somebody who has left the room", async () => {
    const stage = await setStage(soundStore(), speaksToThoseWhoLeft);
    const nami = await stage.enter("nami");
    const zoro = await stage.enter("zoro");
    const heardByZoro = (entries: readonly Entry[]) =>
      entries.filter((entry) => entry.kind === "heard" && entry.client === "zoro").length;
    nami.say("land ahead");
    await stage.history.until((entries) => heardByZoro(entries) === 1);
    expect(stage.broken()).toEqual([]);
    await zoro.switchTo("elsewhere");
    await stage.history.until((entries) => heardByZoro(entries) === 2);
    expect(stage.broken()).toContain(LEFT);
  });

  it("finds messages that are fanned out in another order than that of seq", async () => {
    let connections = 0;
    const stage = await setStage(soundStore(), () => ((connections += 1) === 2 ? swapsMessages() : undefined));
    const nami = await stage.enter("nami");
    await stage.enter("zoro");
    for (let count = 0; count < 4; count += 1) nami.say(`weather report ${count}`);
    await stage.history.until((entries) => {
      return entries.filter((entry) => entry.kind === "heard" && entry.client === "zoro").length >= 4;
    });
    const broken = stage.broken();
    expect(broken).toContain(SEEN);
    expect(broken).toContain(ORDER);
  });
});

/** One client is away while the other writes, and comes back. */
async function meetAgain(faulty: FaultyStore): Promise<Stage> {
  const stage = await setStage(faulty);
  const nami = await stage.enter("nami");
  const zoro = await stage.enter("zoro");
  nami.say("land ahead");
  await stage.history.until((entries) => entries.some((entry) => entry.kind === "applied" && entry.client === "zoro"));
  await zoro.stop();
  for (let count = 0; count < 5; count += 1) nami.say(`where is zoro, ${count}`);
  await stage.history.acknowledged();
  const before = stage.history.entries.length;
  const again = stage.enter("zoro", 2);
  // With a bug the room may never become live; what the hub answered is enough.
  await stage.history.until((entries) => {
    return entries.slice(before).some((entry) => entry.kind === "told" && entry.client === "zoro");
  });
  void again.catch(() => {});
  return stage;
}

/** The first acknowledgement is lost with its connection, so the message is sent again. */
async function losingAnAck(faulty: FaultyStore): Promise<Stage> {
  const damage = losesAnAck();
  const stage = await setStage(faulty, () => damage);
  const nami = await stage.enter("nami");
  nami.say("did you hear me?");
  await stage.history.acknowledged();
  return stage;
}

/** Somebody marks what was said: the fifth message, and then, as a device does that is behind, a lower one. */
async function marking(faulty: FaultyStore, seqs: readonly number[] = [2, 5, 3]): Promise<Stage> {
  const stage = await setStage(faulty);
  const nami = await stage.enter("nami");
  const zoro = await stage.enter("zoro");
  for (let count = 0; count < 5; count += 1) nami.say(`land ahead, ${count}`);
  const hasAll = (entry: Entry) =>
    entry.kind === "applied" && entry.client === "zoro" && entry.events.some(([seq]) => seq === 5);
  await stage.history.until((entries) => entries.some(hasAll));
  for (const seq of seqs) zoro.markRead(PLANTED, seq);
  await stage.history.until((entries) => {
    const reads = entries.flatMap((entry) => (isAnswerTo("zoro", entry) ? [entry.read] : []));
    return reads.includes(5) && reads.length - reads.indexOf(5) >= seqs.length - seqs.indexOf(5);
  });
  return stage;
}

function isAnswerTo(client: string, entry: Entry): entry is Extract<Entry, { readonly kind: "marked" }> {
  return entry.kind === "marked" && entry.source === "answer" && entry.client === client;
}
