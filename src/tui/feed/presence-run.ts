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
  const net = new Map<string, { readonly was: string; readonly username: string; readonly sum: number }>();
  for (const { user, came, was = user.username } of run) {
    const before = net.get(user.user_id) ?? { was, sum: 0 };
    const change = was !== user.username ? 0 : came ? 1 : -1;
    net.set(user.user_id, { was: before.was, username: user.username, sum: before.sum + change });
  }
  net.delete(self.user_id);
  const named = (sign: number): string[] =>
    [...net.values()].filter(({ sum }) => sum * sign > 0).map(({ username }) => username);
  const [joined, left] = [named(1), named(-1)];
  const renamed = [...net.values()]
    .filter(({ was, username, sum }) => sum === 0 && was !== username)
    .map(({ was, username }) => [was, username] as const);
  if (joined.length + left.length + renamed.length === 0) return undefined;
  const line = { kind: "presence", key: `p:${first.order}`, timeMs: last.at, joined, left } as const;
  return renamed.length === 0 ? line : { ...line, renamed };
}
