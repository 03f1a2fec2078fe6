import type { UserId } from "../../protocol/user-id.js";

/** A part of a list that ascends by id: at most `limit` ids above `after`. */
export type PageOf = { readonly after?: UserId | undefined; readonly limit: number };

/** The first ids of a page, ascending, without sorting all of them; `next` is the last one if more follow. */
export function firstIds(
  ids: Iterable<UserId>,
  { after, limit }: PageOf,
): { readonly found: readonly UserId[]; readonly next: UserId | undefined } {
  const found: UserId[] = [];
  let hasMore = false;
  for (const id of ids) {
    if (after !== undefined && id <= after) continue;
    const last = found.at(-1);
    if (found.length === limit && last !== undefined && id >= last) {
      hasMore = true;
      continue;
    }
    found.splice(placeOf(found, id), 0, id);
    if (found.length > limit) {
      found.pop();
      hasMore = true;
    }
  }
  return { found, next: hasMore ? found.at(-1) : undefined };
}

/** Where an id belongs among ascending ones. */
function placeOf(ids: readonly UserId[], id: UserId): number {
  let [low, high] = [0, ids.length];
  while (low < high) {
    const middle = (low + high) >>> 1;
    const there = ids[middle];
    if (there !== undefined && there < id) low = middle + 1;
    else high = middle;
  }
  return low;
}
