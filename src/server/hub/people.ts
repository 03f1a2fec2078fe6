import { type Failure, failure } from "../../protocol/error-code.js";
import type { User } from "../../protocol/event.js";
import { nameKey, type UserId } from "../../protocol/user-id.js";
import { type Account, type Accounts, LogUnavailable } from "../log/event-log.js";
import { isAlike } from "../log/look-alike.js";
import type { Device } from "./device.js";
import { isReserved, TakenNames } from "./taken-names.js";

/** A claimed name is kept for its owner this long after the last time in a room. */
const NAME_KEPT_MS = 30 * 24 * 3600 * 1000;

/** What stands in the way of a user: somebody else has the name, no guest may have it, or another's name is like the user's id. */
export type NameConflict = "name" | "reserved" | "id";

export function nameFailure({ user_id, username }: User, conflict: NameConflict): Failure {
  switch (conflict) {
    case "name":
      return failure("name_taken", `the name ${username} is taken: choose another`, { field: "username" });
    case "reserved": {
      const message = `the name ${username} is no guest's, as it would be taken for the hub's: choose another`;
      return failure("name_taken", message, { field: "username" });
    }
    case "id": {
      const message = `the id ${user_id} is, or looks like, another one's name: choose another`;
      return failure("forbidden", message, { field: "user_id" });
    }
  }
}

/** `guests`: whoever comes chooses id and name; `accounts`: names are registered; `vouched`: an embedding program's users. */
export type PeopleKind = "guests" | "accounts" | "vouched";

/** Who is online with which devices, who holds which name, and who is known though away. */
export class People {
  readonly #accounts: Accounts;
  readonly #now: () => number;
  readonly #kind: PeopleKind;
  readonly #devices = new Map<UserId, Set<Device>>();
  readonly #taken: TakenNames;

  constructor(accounts: Accounts, options: { readonly now: () => number; readonly kind: PeopleKind }) {
    this.#accounts = accounts;
    this.#now = options.now;
    this.#kind = options.kind;
    this.#taken = new TakenNames({ guardsIds: this.#guardsIds });
  }

  /**
   * Takes the name for a connection of this user, and says what is in the way, if anything is: somebody else is online
   * under it, has an account of this name, or owns it with a key and was in a room within 30 days. The same goes for a
   * name that is like somebody's id, and for an id, new here, that is like somebody's name. Without a conflict it needs
   * one `release`.
   */
  async hold(user: User): Promise<NameConflict | undefined> {
    const atOnce = this.#conflictAtOnce(user);
    if (atOnce === "reserved" || (atOnce === "name" && !(await this.#takeOwnName(user)))) return atOnce;
    let conflict: NameConflict | undefined = "name";
    try {
      conflict = await this.#conflictWithKnown(user);
    } finally {
      if (conflict !== undefined) this.release(user);
    }
    return conflict;
  }

  /** As `hold`, for somebody new whose id and name are like nobody's who is known. */
  holdUnowned(user: User): boolean {
    if (this.#conflictAtOnce(user) !== undefined) return false;
    const isFree = !this.#isIdTaken(user.user_id);
    if (!isFree) this.release(user);
    return isFree;
  }

  release(user: User): void {
    this.#taken.letGo(user);
  }

  /** Somebody with a key has come into a room: from now on the name is kept while they are away. */
  async noteJoined(device: Device): Promise<void> {
    if (this.#kind !== "guests" || !device.claimed || device.has_joined) return;
    device.has_joined = true;
    const { user_id, username } = device.user;
    const now = this.#now();
    try {
      await this.#accounts.save({ user_id, username, seen_ms: now, joined_ms: now });
    } catch (error) {
      if (!(error instanceof LogUnavailable)) throw error;
      device.has_joined = false;
    }
  }

  add(device: Device): void {
    const { user_id } = device.user;
    const devices = this.#devices.get(user_id);
    if (devices === undefined) this.#devices.set(user_id, new Set([device]));
    else devices.add(device);
  }

  remove(device: Device): void {
    const { user_id } = device.user;
    const devices = this.#devices.get(user_id);
    devices?.delete(device);
    if (devices?.size === 0) this.#devices.delete(user_id);
  }

  /** People online. */
  get count(): number {
    return this.#devices.size;
  }

  devicesOf(user_id: UserId): ReadonlySet<Device> {
    return this.#devices.get(user_id) ?? NOBODY;
  }

  /** Everybody online, with their devices. */
  online(): IterableIterator<[UserId, ReadonlySet<Device>]> {
    return this.#devices.entries();
  }

  /**
   * Somebody by id or by name: whoever is online first, then those who are known though away. `id:` or `name:` in front
   * says which of the two it is. "ambiguous" if it is the id of one and the name of another.
   */
  async find(who: string): Promise<User | "ambiguous" | undefined> {
    const [, kind, rest = ""] = /^(id|name):(.+)$/su.exec(who) ?? [];
    const found = await Promise.all([
      this.#byId(who),
      this.#byName(who),
      // An embedder's ids may begin like that, too.
      kind === "id" ? this.#byId(rest) : kind === "name" ? this.#byName(rest) : undefined,
    ]);
    const [one, ...others] = found.filter((user) => user !== undefined);
    return others.some(({ user_id }) => user_id !== one?.user_id) ? "ambiguous" : one;
  }

  async #byId(text: string): Promise<User | undefined> {
    // Any text may be tried as an id: it is only compared.
    const user_id = text as UserId;
    return userOf(this.devicesOf(user_id)) ?? this.#asKnown(await this.#accounts.find(user_id));
  }

  async #byName(username: string): Promise<User | undefined> {
    const holder = this.#taken.holderOf(username);
    const online = holder === undefined ? undefined : userOf(this.devicesOf(holder));
    if (online !== undefined) return online;
    const named = await this.#accounts.findByName(nameKey(username));
    return named.map((account) => this.#asKnown(account)).find((user) => user !== undefined);
  }

  /** A guest who left without a key is nobody one could write to: the id may be anybody's tomorrow. */
  #asKnown(account: Account | undefined): User | undefined {
    if (account === undefined) return undefined;
    const { user_id, username } = account;
    return this.#kind === "vouched" || isOwned(account) ? { user_id, username } : undefined;
  }

  /** Takes the name, if nobody online has it or an id like it. */
  #conflictAtOnce(user: User): NameConflict | undefined {
    if (this.#kind === "guests" && isReserved(user.username)) return "reserved";
    return this.#taken.take(user) ? undefined : "name";
  }

  /** As `#conflictAtOnce`, for a name that is kept for this user: then an id like it, of before names were compared with ids, is not in the way. */
  async #takeOwnName(user: User): Promise<boolean> {
    const own = await this.#accounts.find(user.user_id);
    return own !== undefined && this.#keepsThisName(own, user.username) && this.#taken.take(user, { besideIds: true });
  }

  async #conflictWithKnown(user: User): Promise<NameConflict | undefined> {
    const { user_id, username } = user;
    const [likeName, likeId] = await Promise.all([
      this.#accounts.findAlike(username),
      this.#guardsIds && !isAlike(user_id, username) ? this.#accounts.findAlike(user_id) : [],
    ]);
    const known = [...likeName, ...likeId];
    const own = known.find((account) => account.user_id === user_id);
    const others = known.filter((account) => account.user_id !== user_id);
    // An account goes before a guest who was here under its name.
    const isOwn = own !== undefined && this.#keepsThisName(own, username);
    const isKept = (other: Account) => (isOwn ? this.#keepsThisName(other, username) : this.#keeps(other, username));
    if (own?.password === undefined && others.some(isKept)) return "name";
    if (!this.#guardsIds || isOwned(own)) return undefined;
    const isNameOfOne = others.some((other) => this.#keepsThisName(other, user_id));
    return isNameOfOne || this.#isIdTaken(user_id) ? "id" : undefined;
  }

  /** Whether an id that is new here is, or is like, a name that is not its user's. */
  #isIdTaken(user_id: UserId): boolean {
    return (this.#kind === "guests" && isReserved(user_id)) || this.#taken.hasNameLike(user_id);
  }

  get #guardsIds(): boolean {
    return this.#kind !== "vouched";
  }

  /** Whether nobody else may be called so, because it is, or is like, this account's name or id. */
  #keeps(account: Account, username: string): boolean {
    if (this.#keepsThisName(account, username)) return true;
    return this.#guardsIds && this.#keepsId(account) && isAlike(account.user_id, username);
  }

  /** Whether the name of this account is, or is like, this text, and is kept. */
  #keepsThisName(account: Account, text: string): boolean {
    return this.#keepsName(account) && isAlike(account.username, text);
  }

  #keepsName({ password, key_hash, joined_ms }: Account): boolean {
    if (password !== undefined) return true;
    return key_hash !== undefined && joined_ms !== undefined && this.#now() - joined_ms < NAME_KEPT_MS;
  }

  #keepsId({ password, key_hash, seen_ms }: Account): boolean {
    return password !== undefined || (key_hash !== undefined && this.#now() - seen_ms < NAME_KEPT_MS);
  }
}

/** Whether somebody has shown a key or a password for the id. */
function isOwned(account: Account | undefined): boolean {
  return account?.key_hash !== undefined || account?.password !== undefined;
}

const NOBODY: ReadonlySet<Device> = new Set();

function userOf(devices: ReadonlySet<Device>): User | undefined {
  for (const device of devices) return device.user;
  return undefined;
}
