import type { EventPayload } from "../protocol/event.js";
import { LIMITS } from "../protocol/limits.js";
import type { OwnStatus, Presence } from "../protocol/presence.js";
import type { CommandPayload } from "../protocol/command.js";
import type { RoomId } from "../protocol/room-id.js";
import { sanitizeLine } from "../protocol/sanitize.js";
import { nameKey, type UserId } from "../protocol/user-id.js";

type Member = EventPayload<"room.members">["members"][number];

/** Somebody online, the rooms they are in, and how they are. */
export type Person = Member & { readonly presence: Presence };

/** What asking for people takes of a client. */
export interface PeopleSource {
  members(room_id?: RoomId): Promise<EventPayload<"room.members">>;
  presence(query: CommandPayload<"presence.query">): Promise<EventPayload<"presence.state">>;
}

/** Who is online, in one room or in all; of very many the first 500, and how many there are. */
export async function listPeople(
  source: PeopleSource,
  room_id?: RoomId,
): Promise<{ readonly people: readonly Person[]; readonly total: number }> {
  const { members, total } = await source.members(room_id);
  const known = new Map<UserId, Presence>();
  for (let from = 0; from < members.length; from += LIMITS.maxPresenceListed) {
    const user_ids = members.slice(from, from + LIMITS.maxPresenceListed).map(({ user_id }) => user_id);
    for (const presence of (await source.presence({ user_ids })).users) known.set(presence.user_id, presence);
  }
  const people = members.map((member) => ({ ...member, presence: known.get(member.user_id) ?? plain(member) }));
  return { people, total };
}

/**
 * The one of these people whom a text means, by id or by name; `id:` or `name:` in front says which of the two it is, as
 * it does to the hub. "ambiguous" if it is the id of one and the name of another.
 */
export function findPerson(people: readonly Person[], who: string): Person | "ambiguous" | undefined {
  const [, kind, rest = ""] = /^(id|name):(.+)$/su.exec(who) ?? [];
  const found = people.filter(({ user_id, username }) => {
    const isNamed = (text: string) => nameKey(username) === nameKey(text);
    return user_id === who || isNamed(who) || (kind === "id" ? user_id === rest : kind === "name" && isNamed(rest));
  });
  return found.length > 1 ? "ambiguous" : found[0];
}

type Described = { readonly status: Presence["status"] | OwnStatus; readonly note?: string | undefined };

/** What is to be said of somebody's status in a word or a few: `away: lunch`; empty for who is simply online. */
export function describePresence({ status, note }: Described): string {
  if (note !== undefined) return `${status}: ${sanitizeLine(note)}`;
  return status === "online" ? "" : status;
}

/** Somebody who left between the two questions was online at the first. */
function plain({ user_id, username }: Member): Presence {
  return { user_id, username, status: "online", devices: 0 };
}
