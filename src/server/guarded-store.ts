import { type Accounts, LogUnavailable, type Store, type StoreHealth, type Upkeep } from "./log/event-log.js";
import { Deadline } from "./sockets/deadline.js";

/** How long a store may take to answer, ms: what people wait for, and what is done beside. */
const ANSWER_WITHIN_MS = 5000;
const UPKEEP_WITHIN_MS = 60_000;

/** Calls the store, and gives up waiting for it at its deadline. */
type Call = <T>(call: () => T | Promise<T>) => Promise<T>;

/**
 * An embedder's store as the hub calls it: what a port throws at once, its promise rejects with, what is thrown is
 * an Error, and what is not answered in time rejects with LogUnavailable. So nothing of it gets past those who await an
 * answer, and nobody waits for ever.
 */
export function guardedStore(store: Store): Store {
  const { server_id, upkeep } = store;
  const ask = callWithin(ANSWER_WITHIN_MS);
  const askUpkeep = callWithin(UPKEEP_WITHIN_MS);
  return {
    server_id,
    events: guardedPort(store.events, ask),
    members: guardedPort(store.members, ask),
    accounts: guardedAccounts(store.accounts, ask),
    sessions: guardedPort(store.sessions, ask),
    marks: guardedPort(store.marks, ask),
    ...(upkeep === undefined ? {} : { upkeep: guardedUpkeep(upkeep, askUpkeep) }),
    close: () => askUpkeep(() => store.close()),
  };
}

/** Every call of a port whose methods all answer by a promise. */
function guardedPort<Port extends object>(port: Port, ask: Call): Port {
  return new Proxy(port, {
    get(target, name) {
      const member: unknown = Reflect.get(target, name);
      if (typeof member !== "function") return member;
      return (...given: readonly unknown[]) => ask(() => Reflect.apply(member, target, given));
    },
  });
}

/** One question about accounts is answered at once: where it fails, the others are asked. */
function guardedAccounts(accounts: Accounts, ask: Call): Accounts {
  return {
    find: (user_id) => ask(() => accounts.find(user_id)),
    findByName: (name_key) => ask(() => accounts.findByName(name_key)),
    findAlike: (text) => ask(() => accounts.findAlike(text)),
    save: (account) => ask(() => accounts.save(account)),
    register: (account) => ask(() => accounts.register(account)),
    changePassword: (user_id, change) => ask(() => accounts.changePassword(user_id, change)),
    isUnknown: (user) => {
      try {
        return accounts.isUnknown?.(user) === true;
      } catch {
        return false;
      }
    },
  };
}

function guardedUpkeep(upkeep: Upkeep, ask: Call): Upkeep {
  const broken: StoreHealth = { status: "degraded", reason: "io", failing: "read", since_ms: Date.now() };
  // A store that cannot say how it is, is not well.
  const known = (health: StoreHealth | undefined): StoreHealth => {
    const isKnown = health?.status === "ok" || (health?.status === "degraded" && Number.isFinite(health.since_ms));
    return isKnown ? health : broken;
  };
  return {
    sweep: (rule) => ask(() => upkeep.sweep(rule)),
    probe: () => ask(() => upkeep.probe()).then(known, () => broken),
    health: () => {
      try {
        const health = upkeep.health();
        // One that answers by a promise, against its type, may reject.
        Promise.resolve(health).catch(() => {});
        return known(health);
      } catch {
        return broken;
      }
    },
  };
}

function callWithin(ms: number): Call {
  const deadline = new Deadline(ms, () => new LogUnavailable("the store has not answered in time (try again)"));
  return (call) => deadline.within(settled(call));
}

async function settled<T>(call: () => T | Promise<T>): Promise<T> {
  try {
    return await call();
  } catch (error) {
    throw error instanceof Error ? error : new Error("the store failed", { cause: error });
  }
}
