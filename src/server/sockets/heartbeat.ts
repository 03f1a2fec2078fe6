/** One connection as the heartbeat sees it. Times are of the heartbeat's clock, ms. */
export interface Beating {
  /** Looks at how things stand at this time. */
  look(now: number): void;
  /** When anything was last heard. */
  readonly heard_at: number;
  pinged_at: number;
  ping(): void;
  /** Nothing was heard for too long. */
  onSilent(): void;
  /** Since when a message has been arriving, if one is. */
  readonly unfinished_since: number | undefined;
  /** A message has been arriving for too long. */
  onUnfinished(): void;
}

/** All in ms. */
type HeartbeatSettings = {
  readonly ping_period: number;
  readonly pong_wait: number;
  readonly message_timeout: number;
};

/** One timer for all connections: pings those that are due, and gives up those that stay silent or never finish. */
export class Heartbeat {
  readonly #settings: HeartbeatSettings;
  readonly #now: () => number;
  readonly #members: Iterable<Beating>;
  #timer: NodeJS.Timeout | undefined;

  constructor(settings: HeartbeatSettings, parts: { members: Iterable<Beating>; now: () => number }) {
    this.#settings = settings;
    this.#members = parts.members;
    this.#now = parts.now;
  }

  start(): void {
    const { ping_period, message_timeout } = this.#settings;
    const period = Math.min(1000, Math.max(20, Math.min(ping_period, message_timeout) / 4));
    this.#timer ??= setInterval(() => this.beat(), period).unref();
  }

  stop(): void {
    clearInterval(this.#timer);
    this.#timer = undefined;
  }

  /** One round; the timer calls it, and so do tests with a clock of their own. */
  beat(): void {
    const now = this.#now();
    const { ping_period, pong_wait, message_timeout } = this.#settings;
    for (const member of this.#members) {
      member.look(now);
      if (now - member.heard_at >= pong_wait) member.onSilent();
      else if (now - (member.unfinished_since ?? now) >= message_timeout) member.onUnfinished();
      else if (now - Math.max(member.heard_at, member.pinged_at) >= ping_period) {
        member.pinged_at = now;
        member.ping();
      }
    }
  }
}
