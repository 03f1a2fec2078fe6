import { setTimeout as delay } from "node:timers/promises";
import { Bot } from "./bot.js";

/** Who is there all the time, who comes and goes, and in how many rooms. */
const STAYING = 40;
const VISITORS = 200;
/** Few rooms, and few who speak to each other alone, so that the recent events of each (broadcast_buffer) are full after a minute. */
const ROOMS = 5;
const ROOMS_EACH = 2;
const PAIRS = 2;
/** Acts begun each second. */
const RATE = 200;
const TICK_MS = 20;
const DRAIN_WITHIN_MS = 20_000;

type Act = (traffic: Traffic) => Promise<void>;

/** How often each act is begun, in a hundred. */
const ACTS: readonly (readonly [share: number, act: Act])[] = [
  [45, (traffic) => traffic.say()],
  [10, (traffic) => traffic.sayTo()],
  [10, (traffic) => traffic.visit()],
  [5, (traffic) => traffic.call()],
  [10, (traffic) => traffic.appear()],
  [5, (traffic) => traffic.type()],
  [15, (traffic) => traffic.mark()],
];

/** Mixed traffic against one hub, the same at every run: messages, visits, calls, presence, marks. */
export class Traffic {
  /** Messages acknowledged, and calls that were answered and ended. */
  sent = 0;
  calls = 0;
  acts = 0;
  readonly #port: number;
  readonly #random: () => number;
  readonly #bots: Bot[] = [];
  readonly #underWay = new Set<Promise<void>>();
  readonly #visiting = new Set<number>();
  readonly #calling = new Set<Bot>();
  #fault: Error | undefined;

  constructor(port: number, random: () => number) {
    this.#port = port;
    this.#random = random;
  }

  async open(): Promise<void> {
    for (let index = 0; index < STAYING; index += 1) {
      const bot = await Bot.open(this.#port, `staying-${index}`);
      this.#bots.push(bot);
      const conversation_id = Array.from({ length: ROOMS_EACH }, (_, step) => roomName(index + step));
      await bot.ask("subscribe", {
        topics: ["conversation", "presence", "typing", "calls", "user"],
        filters: { conversation_id },
      });
    }
  }

  /** Begins acts on time for so long, then waits until all have ended. Rejects if one has failed. */
  async run(for_ms: number): Promise<void> {
    const started = performance.now();
    for (let begun = 0; performance.now() - started < for_ms; ) {
      const due = Math.floor(((performance.now() - started) * RATE) / 1000);
      for (; begun < due; begun += 1) this.#begin();
      this.#throwFault();
      await delay(TICK_MS);
    }
    await this.#settle();
  }

  async close(): Promise<void> {
    await Promise.all(this.#bots.map((bot) => bot.close()));
  }

  async say(): Promise<void> {
    const index = this.#below(STAYING);
    const room_id = roomName(index + this.#below(ROOMS_EACH));
    await this.#send(this.#bot(index), { room_id });
  }

  async sayTo(): Promise<void> {
    const [from, to] = this.#two();
    await this.#send(from, { to: to.user_id });
  }

  /** Somebody comes, reads the room's last page, says a word and leaves. */
  async visit(): Promise<void> {
    const index = this.#below(VISITORS);
    if (this.#visiting.has(index)) return;
    this.#visiting.add(index);
    const bot = await Bot.open(this.#port, `visitor-${index}`);
    try {
      const room_id = roomName(index);
      await bot.ask("subscribe", { filters: { conversation_id: room_id }, resume: [{ room_id }] });
      await bot.ask("history.get", { room_id, limit: 50 });
      await this.#send(bot, { room_id });
    } finally {
      await bot.close();
      this.#visiting.delete(index);
    }
  }

  /** Two call each other, talk about their media, and hang up. */
  async call(): Promise<void> {
    const [from, to] = this.#two();
    if (this.#calling.has(from) || this.#calling.has(to)) return;
    for (const bot of [from, to]) this.#calling.add(bot);
    const call_id = `call-${this.acts}`;
    const rings = to.ring();
    await from.ask("call.offer", { call_id, to: to.user_id, sdp: "v=0" });
    await to.ask("call.answer", { call_id: await rings, sdp: "v=0" });
    await from.ask("call.ice", { call_id, candidate: { candidate: "candidate:1 1 udp 1 127.0.0.1 9 typ host" } });
    await from.ask("call.hangup", { call_id });
    this.calls += 1;
    for (const bot of [from, to]) this.#calling.delete(bot);
  }

  async appear(): Promise<void> {
    const bot = this.#bot(this.#below(STAYING));
    await bot.ask("presence.update", { status: this.#random() < 0.5 ? "away" : "online", note: `note ${this.acts}` });
  }

  async type(): Promise<void> {
    const index = this.#below(STAYING);
    const room_id = roomName(index);
    this.#bot(index).tell("typing.start", { room_id });
    this.#bot(index).tell("typing.stop", { room_id });
  }

  async mark(): Promise<void> {
    const index = this.#below(STAYING);
    const bot = this.#bot(index);
    const room_id = roomName(index + this.#below(ROOMS_EACH));
    const page = await bot.ask("history.get", { room_id, limit: 1 });
    const head = Number(page["head"] ?? 0);
    if (head > 0) await bot.ask(this.#random() < 0.5 ? "mark.read" : "mark.delivered", { room_id, seq: head });
  }

  async #send(bot: Bot, to: { readonly room_id?: string; readonly to?: string }): Promise<void> {
    const number = this.acts;
    await bot.ask("message.send", { ...to, message: `message ${number} about the last page`, client_id: `m${number}` });
    this.sent += 1;
  }

  #begin(): void {
    this.acts += 1;
    let left = this.#random() * 100;
    const act = ACTS.find(([share]) => {
      left -= share;
      return left < 0;
    })?.[1];
    if (act === undefined) return;
    const running: Promise<void> = act(this)
      .catch((error: unknown) => {
        this.#fault ??= error instanceof Error ? error : new Error(String(error));
      })
      .finally(() => this.#underWay.delete(running));
    this.#underWay.add(running);
  }

  async #settle(): Promise<void> {
    const late = delay(DRAIN_WITHIN_MS, "late", { ref: false });
    const ended = Promise.all(this.#underWay).then(() => "ended");
    if ((await Promise.race([ended, late])) === "late")
      throw new Error(`${this.#underWay.size} acts have not ended after ${DRAIN_WITHIN_MS} ms`);
    this.#throwFault();
  }

  #throwFault(): void {
    if (this.#fault !== undefined) throw this.#fault;
  }

  #below(count: number): number {
    return Math.floor(this.#random() * count);
  }

  #two(): readonly [Bot, Bot] {
    const pair = this.#below(PAIRS);
    const [one, other] = [this.#bot(2 * pair), this.#bot(2 * pair + 1)];
    return this.#random() < 0.5 ? [one, other] : [other, one];
  }

  #bot(index: number): Bot {
    const bot = this.#bots[index];
    if (bot === undefined) throw new Error(`there is no bot ${index}`);
    return bot;
  }
}

function roomName(index: number): string {
  return `soak-${index % ROOMS}`;
}
