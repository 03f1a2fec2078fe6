import type { Entry as ChatEntry } from "../../chat/entry.js";
import type { User } from "../../protocol/event.js";
import type { Entry } from "../messages/entry.js";

export type PresenceEntry = Extract<ChatEntry, { readonly kind: "presence" }>;

/**
 * Comings and goings in a row as one line; undefined if they come to nothing, as when somebody's connection broke for
 * a moment. The reader's own are not told.
 */
export function presenceLine(run: readonly PresenceEntry[], self: User): Entry | undefined {
  const [first] = run;
  const last = run.at(-1);
  if (first === undefined || last === undefined) return undefined;
  const net = new Map<string, { readonly username: string; readonly sum: number }>();
  for (const { user, came } of run) {
    const before = net.get(user.user_id)?.sum ?? 0;
    net.set(user.user_id, { username: user.username, sum: before + (came ? 1 : -1) });
  }
  net.delete(self.user_id);
  const named = (sign: number): string[] =>
    [...net.values()].filter(({ sum }) => sum * sign > 0).map(({ username }) => username);
  const [joined, left] = [named(1), named(-1)];
  if (joined.length + left.length === 0) return undefined;
  return { kind: "presence", key: `p:${first.order}`, timeMs: last.at, joined, left };
}
