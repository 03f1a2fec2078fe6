import type { WebSocketClient } from "../client/websocket-client.js";
import type { ChatMessage } from "../protocol/chat-message.js";
import { LIMITS } from "../protocol/limits.js";

/** A place that gives messages of one room: the `limit` last ones below `before`, ascending. */
export type HistorySource = (page: {
  readonly before?: number;
  readonly limit: number;
}) => Promise<readonly ChatMessage[]>;

/**
 * What is wanted of a room's history. `since_ms` means what came after the last message that is older, by the hub's clock
 * at the time of each: where that clock was set back, numbers say what came later, and times do not.
 */
export type HistoryWish = { readonly limit: number; readonly before?: number; readonly since_ms?: number };

/** The last messages that answer the wish, ascending, however many pages that takes. */
export async function readHistory(source: HistorySource, wish: HistoryWish): Promise<readonly ChatMessage[]> {
  const { since_ms = Number.NEGATIVE_INFINITY, limit } = wish;
  const pages: (readonly ChatMessage[])[] = [];
  let before = wish.before;
  let missing = limit;
  while (missing > 0) {
    const size = Math.min(missing, LIMITS.maxPageEvents);
    const answer = await source(before === undefined ? { limit: size } : { limit: size, before });
    // A server may answer with more than was asked for, or with the same again.
    const page = answer.filter(({ seq }) => before === undefined || seq < before).slice(-size);
    const older = page.findLastIndex((message) => Date.parse(message.created_at) < since_ms);
    const wanted = page.slice(older + 1);
    pages.push(wanted);
    missing -= wanted.length;
    before = page[0]?.seq;
    if (before === undefined || before === 1 || wanted.length < page.length) break;
  }
  return pages.reverse().flat();
}

/** Asks a hub. A public room that nobody has written to yet is empty. */
export function hubSource(client: WebSocketClient, where: Parameters<WebSocketClient["history"]>[0]): HistorySource {
  return async (page) => (await client.history({ ...where, ...page })).messages;
}
