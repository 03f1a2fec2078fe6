import type { User } from "../../protocol/event.js";
import { nameKey, SERVER_USER, type UserId } from "../../protocol/user-id.js";
import type { Account, Accounts } from "../log/event-log.js";
import { lookAlikeKey } from "../log/look-alike.js";
import type { Device } from "./device.js";

/** A claimed name is kept for its owner this long after the last visit. */
const NAME_KEPT_MS = 30 * 24 * 3600 * 1000;

/** Who holds something, and with how many connections. */
type Held = { readonly user_id: UserId; count: number };

/** Who is online with which devices, who holds which name, and who is known though away. */
export class People {
  readonly #accounts: Accounts;
  readonly #now: () => number;
  readonly #vouched: boolean;
  readonly #devices = new Map<UserId, Set<Device>>();
  /** Names in use by somebody online, or being taken, without regard to case. */
  readonly #names = new Map<string, Held>();
  /** What those names look like. */
  readonly #looks = new Map<string, Held>();

  /** `vouched`: an embedding program vouches for every id, so nobody's id is somebody else's tomorrow. */
  constructor(accounts: Accounts, options: { readonly now: () => number; readonly vouched: boolean }) {
    this.#accounts = accounts;
    this.#now = options.now;
    this.#vouched = options.vouched;
    this.#grab(SERVER_USER);
  }

  /**
   * Takes the name for a connection of this user. False if somebody else holds it, or one that looks like it: is online
   * with it, has an account of this name, or owns it with a key and was here within 30 days. Every successful hold needs
   * one `release`.
   */
  async hold(user: User): Promise<boolean> {
    if (!this.#grab(user)) return false;
    let isFree = false;
    try {
      const owners = await this.#accounts.findAlike(user.username);
      const own = owners.find((owner) => owner.user_id === user.user_id);
      // An account goes before a guest who was here under its name.
      isFree = own?.password !== undefined || owners.every((owner) => owner === own || !this.#keepsName(owner));
    } finally {
      if (!isFree) this.release(user);
    }
    return isFree;
  }

  /** As `hold`, for somebody whose name has no account and looks like none's. */
  holdUnowned(user: User): boolean {
    return this.#grab(user);
  }

  release({ user_id, username }: User): void {
    letGo(this.#names, nameKey(username), user_id);
    letGo(this.#looks, lookAlikeKey(username), user_id);
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

  /** Somebody by id, or else by name: whoever is online first, then those with a key who are away. */
  async find(who: string): Promise<User | undefined> {
    // Any text may be tried as an id: it is only compared.
    const user_id = who as UserId;
    const byId = userOf(this.devicesOf(user_id)) ?? this.#asKnown(await this.#accounts.find(user_id));
    if (byId !== undefined) return byId;
    const holder = this.#names.get(nameKey(who));
    const online = holder === undefined ? undefined : userOf(this.devicesOf(holder.user_id));
    if (online !== undefined) return online;
    const named = await this.#accounts.findByName(nameKey(who));
    return named.map((account) => this.#asKnown(account)).find((user) => user !== undefined);
  }

  /** A guest who left without a key is nobody one could write to: the id may be anybody's tomorrow. */
  #asKnown(account: Account | undefined): User | undefined {
    if (account === undefined) return undefined;
    const { user_id, username, key_hash, password } = account;
    const isKept = this.#vouched || key_hash !== undefined || password !== undefined;
    return isKept ? { user_id, username } : undefined;
  }

  #grab({ user_id, username }: User): boolean {
    const name = nameKey(username);
    const look = lookAlikeKey(username);
    const holder = this.#names.get(name);
    const double = this.#looks.get(look);
    if ((holder?.user_id ?? user_id) !== user_id || (double?.user_id ?? user_id) !== user_id) return false;
    if (holder === undefined) this.#names.set(name, { user_id, count: 1 });
    else holder.count += 1;
    if (double === undefined) this.#looks.set(look, { user_id, count: 1 });
    else double.count += 1;
    return true;
  }

  #keepsName(account: Account): boolean {
    if (account.password !== undefined) return true;
    return account.key_hash !== undefined && this.#now() - account.seen_ms < NAME_KEPT_MS;
  }
}

const NOBODY: ReadonlySet<Device> = new Set();

function letGo(held: Map<string, Held>, key: string, user_id: UserId): void {
  const holding = held.get(key);
  if (holding === undefined || holding.user_id !== user_id) return;
  holding.count -= 1;
  if (holding.count === 0) held.delete(key);
}

function userOf(devices: ReadonlySet<Device>): User | undefined {
  for (const device of devices) return device.user;
  return undefined;
}
