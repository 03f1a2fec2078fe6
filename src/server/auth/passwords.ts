import { randomBytes, scrypt, timingSafeEqual } from "node:crypto";

type Cost = { readonly N: number; readonly r: number; readonly p: number };

/** OWASP's advice for scrypt with 32 MiB: a few tenths of a second. */
const COST: Cost = { N: 2 ** 15, r: 8, p: 3 };
const HASH_BYTES = 32;
const SALT_BYTES = 16;
/** Each takes 32 MiB and one of Node's four threads. */
const MAX_AT_ONCE = 2;
const MAX_WAITING = 64;

/** What an unknown user's password is compared with, so that an answer takes as long for nobody as for somebody. */
const NOBODYS = format(COST, Buffer.alloc(SALT_BYTES), Buffer.alloc(HASH_BYTES));

type Stored = { readonly cost: Cost; readonly salt: Buffer; readonly hash: Buffer };

/** Passwords as they are stored: `scrypt$N$r$p$salt$hash`, the last two in base64url. A few are worked on at a time. */
export class Passwords {
  #running = 0;
  readonly #waiting: (() => void)[] = [];

  /** More work than can be done soon: whoever comes now is to come later. */
  get isOverloaded(): boolean {
    return this.#waiting.length >= MAX_WAITING;
  }

  async hash(password: string): Promise<string> {
    const salt = randomBytes(SALT_BYTES);
    return format(COST, salt, await this.#derive(password, { cost: COST, salt }));
  }

  /** Whether this is the password; without a stored one it is not, and finding that out takes as long. */
  async verify(password: string, stored = NOBODYS): Promise<boolean> {
    const known = parse(stored) ?? parse(NOBODYS);
    if (known === undefined) throw new Error("the stand-in for a password cannot be read");
    const isSame = timingSafeEqual(await this.#derive(password, known), known.hash);
    return isSame && stored !== NOBODYS;
  }

  /** Whether a stored password was made with another cost than new ones are. */
  isOutdated(stored: string): boolean {
    const cost = parse(stored)?.cost;
    return cost?.N !== COST.N || cost.r !== COST.r || cost.p !== COST.p;
  }

  async #derive(password: string, { cost, salt }: Omit<Stored, "hash">): Promise<Buffer> {
    while (this.#running >= MAX_AT_ONCE) await new Promise<void>((resolve) => this.#waiting.push(resolve));
    this.#running += 1;
    try {
      return await derive(password, cost, salt);
    } finally {
      this.#running -= 1;
      this.#waiting.shift()?.();
    }
  }
}

function derive(password: string, cost: Cost, salt: Buffer): Promise<Buffer> {
  const options = { ...cost, maxmem: 256 * cost.N * cost.r };
  return new Promise((resolve, reject) => {
    // Typed on one keyboard and on another, it is the same password.
    scrypt(password.normalize("NFKC"), salt, HASH_BYTES, options, (error, hash) => {
      if (error === null) resolve(hash);
      else reject(error);
    });
  });
}

function format({ N, r, p }: Cost, salt: Buffer, hash: Buffer): string {
  return ["scrypt", N, r, p, salt.toString("base64url"), hash.toString("base64url")].join("$");
}

/** Undefined for what was not made here, or costs more memory than a login may. */
function parse(stored: string): Stored | undefined {
  const found = /^scrypt\$(\d{1,7})\$(\d{1,2})\$(\d{1,2})\$([\w-]{1,128})\$([\w-]{43})$/.exec(stored);
  if (found === null) return undefined;
  const [, N, r, p, salt = "", hash = ""] = found;
  const cost = { N: Number(N), r: Number(r), p: Number(p) };
  const isPowerOfTwo = cost.N > 1 && (cost.N & (cost.N - 1)) === 0;
  if (!isPowerOfTwo || cost.N * cost.r > 2 ** 21 || cost.r === 0 || cost.p === 0) return undefined;
  return { cost, salt: Buffer.from(salt, "base64url"), hash: Buffer.from(hash, "base64url") };
}
