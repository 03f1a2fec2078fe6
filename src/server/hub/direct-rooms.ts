import type { User } from "../../protocol/event.js";
import { directRoomId, type RoomId } from "../../protocol/room-id.js";
import type { Device } from "./device.js";
import type { People } from "./people.js";
import type { Room } from "./room.js";
import type { Rooms } from "./rooms.js";

/** The rooms of two. Their readers are not asked for: whoever hears direct messages is seated before one is stored. */
export class DirectRooms {
  readonly #rooms: Rooms;
  readonly #people: People;

  constructor(rooms: Rooms, people: People) {
    this.#rooms = rooms;
    this.#people = people;
  }

  /** The room of these two, made at its first message. */
  async between(one: User, other: User): Promise<Room> {
    const members = [one.user_id, other.user_id];
    return this.#rooms.open(directRoomId(one.user_id, other.user_id), members);
  }

  /**
   * A direct room by its id, if there is one and this user belongs to it. Whoever does not finds out nothing, also not by
   * the time it takes: the same is looked up whether there is such a room or not, and whether it is in memory.
   */
  async ofMember(room_id: RoomId, { user_id }: User): Promise<Room | undefined> {
    const isMember = (member: User) => member.user_id === user_id;
    const known = this.#rooms.get(room_id);
    if (known?.members.some(isMember) === true) return known;
    return (await this.#rooms.storedMembers(room_id)).some(isMember) ? this.#rooms.open(room_id) : undefined;
  }

  /** Takes over the names its two are online with; a guest's name is nowhere else. */
  refreshNames(room: Room): void {
    for (const member of room.members) {
      const [device] = this.#people.devicesOf(member.user_id);
      if (device !== undefined) room.rename(device.user);
    }
  }

  /** The devices of both members that hear direct messages and are not seated in the room yet. */
  unseated(room: Room): readonly Device[] {
    const devices = room.members.flatMap((member) => [...this.#people.devicesOf(member.user_id)]);
    return devices.filter((device) => device.topics.has("user") && !room.subscriptions.has(device));
  }
}
