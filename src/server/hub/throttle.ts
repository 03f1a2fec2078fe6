import type { Device } from "./device.js";
import { type Bucket, type Rate, refill, takeToken, waitForToken } from "./token-bucket.js";

/** The rates of config `limits`; `enabled: false` lets everything pass (benchmarks and tests). */
export type Limits = {
  readonly enabled: boolean;
  readonly messages_per_second: number;
  readonly message_burst: number;
  readonly user_messages_per_second: number;
  readonly user_message_burst: number;
  readonly address_messages_per_second: number;
  readonly address_message_burst: number;
  readonly room_messages_per_second: number;
  readonly room_message_burst: number;
  readonly requests_per_second: number;
  readonly request_burst: number;
  readonly rooms_per_hour: number;
};

type Draw = { readonly key: string; readonly rate: Rate };

/** Token buckets by connection, user, address and room. A full bucket is a forgotten one, which bounds the map. */
export class Throttle {
  readonly #limits: Limits;
  readonly #now: () => number;
  readonly #buckets = new Map<string, Bucket>();
  readonly #rates: Record<"connection" | "user" | "address" | "room" | "request" | "making", Rate>;

  constructor(limits: Limits, now: () => number) {
    this.#limits = limits;
    this.#now = now;
    this.#rates = {
      connection: { per_second: limits.messages_per_second, burst: limits.message_burst },
      user: { per_second: limits.user_messages_per_second, burst: limits.user_message_burst },
      address: { per_second: limits.address_messages_per_second, burst: limits.address_message_burst },
      room: { per_second: limits.room_messages_per_second, burst: limits.room_message_burst },
      request: { per_second: limits.requests_per_second, burst: limits.request_burst },
      making: { per_second: limits.rooms_per_hour / 3600, burst: limits.rooms_per_hour },
    };
  }

  /** Takes a token for a message everywhere it counts; `target` is its room, or whom it is for. Returns 0, or the ms to wait; then nothing was taken. */
  message(device: Device, target: string): number {
    const draws: Draw[] = [
      { key: `c ${device.connection_id}`, rate: this.#rates.connection },
      { key: `u ${device.user.user_id}`, rate: this.#rates.user },
      { key: `r ${target}`, rate: this.#rates.room },
    ];
    // Everybody on this machine shares the loopback address; it tells nothing about who floods.
    if (!device.is_local) draws.push({ key: `a ${device.address}`, rate: this.#rates.address });
    return this.#take(draws);
  }

  /** As `message`, for every other command. */
  request(device: Device): number {
    return this.#take([{ key: `q ${device.connection_id}`, rate: this.#rates.request }]);
  }

  /** As `message`, for the making of a room that does not exist yet. */
  makeRoom(device: Device): number {
    return this.#take([{ key: `m ${device.user.user_id}`, rate: this.#rates.making }]);
  }

  /** Forgets buckets that have filled up again. Called every cleanup_interval. */
  prune(): void {
    const now = this.#now();
    for (const [key, bucket] of this.#buckets) {
      const rate = this.#rateOf(key);
      if (refill(bucket, rate, now).tokens >= rate.burst) this.#buckets.delete(key);
    }
  }

  #take(draws: readonly Draw[]): number {
    if (!this.#limits.enabled) return 0;
    const now = this.#now();
    const filled = draws.map((draw) => ({ draw, bucket: refill(this.#buckets.get(draw.key), draw.rate, now) }));
    const wait = Math.max(...filled.map(({ draw, bucket }) => waitForToken(bucket, draw.rate)));
    if (wait > 0) return wait;
    for (const { draw, bucket } of filled) this.#buckets.set(draw.key, takeToken(bucket));
    return 0;
  }

  #rateOf(key: string): Rate {
    const { connection, user, address, room, request, making } = this.#rates;
    const byLetter: Record<string, Rate> = { c: connection, u: user, a: address, r: room, q: request, m: making };
    return byLetter[key.charAt(0)] ?? connection;
  }
}
