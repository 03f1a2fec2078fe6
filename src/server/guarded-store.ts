import type { Accounts, Store, StoreHealth, Upkeep } from "./log/event-log.js";

/**
 * An embedder's store as the hub calls it: what a port throws at once, its promise rejects with, and what is thrown is
 * an Error. So nothing of it gets past those who await an answer.
 */
export function guardedStore(store: Store): Store {
  const { server_id, upkeep } = store;
  return {
    server_id,
    events: guardedPort(store.events),
    members: guardedPort(store.members),
    accounts: guardedAccounts(store.accounts),
    sessions: guardedPort(store.sessions),
    marks: guardedPort(store.marks),
    ...(upkeep === undefined ? {} : { upkeep: guardedUpkeep(upkeep) }),
    close: () => settled(() => store.close()),
  };
}

/** Every call of a port whose methods all answer by a promise. */
function guardedPort<Port extends object>(port: Port): Port {
  return new Proxy(port, {
    get(target, name) {
      const member: unknown = Reflect.get(target, name);
      if (typeof member !== "function") return member;
      return (...given: readonly unknown[]) => settled(() => Reflect.apply(member, target, given));
    },
  });
}

/** One question about accounts is answered at once: where it fails, the others are asked. */
function guardedAccounts(accounts: Accounts): Accounts {
  return {
    find: (user_id) => settled(() => accounts.find(user_id)),
    findByName: (name_key) => settled(() => accounts.findByName(name_key)),
    findAlike: (text) => settled(() => accounts.findAlike(text)),
    save: (account) => settled(() => accounts.save(account)),
    register: (account) => settled(() => accounts.register(account)),
    changePassword: (user_id, change) => settled(() => accounts.changePassword(user_id, change)),
    isUnknown: (user) => {
      try {
        return accounts.isUnknown?.(user) === true;
      } catch {
        return false;
      }
    },
  };
}

function guardedUpkeep(upkeep: Upkeep): Upkeep {
  const broken: StoreHealth = { status: "degraded", reason: "io", failing: "read", since_ms: Date.now() };
  // A store that cannot say how it is, is not well.
  const known = (health: StoreHealth | undefined): StoreHealth => {
    const isKnown = health?.status === "ok" || (health?.status === "degraded" && Number.isFinite(health.since_ms));
    return isKnown ? health : broken;
  };
  return {
    sweep: (rule) => settled(() => upkeep.sweep(rule)),
    probe: () => settled(() => upkeep.probe()).then(known, () => broken),
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

async function settled<T>(call: () => T | Promise<T>): Promise<T> {
  try {
    return await call();
  } catch (error) {
    throw error instanceof Error ? error : new Error("the store failed", { cause: error });
  }
}
