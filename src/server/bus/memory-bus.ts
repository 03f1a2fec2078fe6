import type { Bus, Hint } from "./bus.js";

/** The bus of a hub that is one process: hints are heard before `publish` returns. */
export function createMemoryBus(): Bus {
  const listeners = new Set<(hints: readonly Hint[]) => void>();
  return {
    publish(hints) {
      for (const listener of listeners) listener(hints);
    },
    subscribe(onHints) {
      listeners.add(onHints);
      return () => void listeners.delete(onHints);
    },
    health: () => "ok",
  };
}
