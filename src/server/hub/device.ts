import type { User } from "../../protocol/event.js";
import type { RoomId } from "../../protocol/room-id.js";
import type { Topic } from "../../protocol/topic.js";
import type { Outlet } from "./outlet.js";

/** One connection of one user, as the hub sees it: a terminal, a page, a program. */
export class Device {
  readonly connection_id: string;
  readonly user: User;
  /** The user showed the key that belongs to the id. Others may talk, but not read stored direct messages. */
  readonly claimed: boolean;
  readonly address: string;
  readonly is_local: boolean;
  readonly outlet: Outlet;
  /** The rooms it is seated in. */
  readonly rooms = new Set<RoomId>();
  /** What it hears of; kept by Topics. */
  readonly topics = new Set<Topic>();
  /** Set when the connection has ended: whatever is under way for it comes to nothing. */
  is_gone = false;

  constructor(facts: {
    readonly connection_id: string;
    readonly user: User;
    readonly claimed: boolean;
    readonly address: string;
    readonly is_local: boolean;
    readonly outlet: Outlet;
  }) {
    this.connection_id = facts.connection_id;
    this.user = facts.user;
    this.claimed = facts.claimed;
    this.address = facts.address;
    this.is_local = facts.is_local;
    this.outlet = facts.outlet;
  }
}
