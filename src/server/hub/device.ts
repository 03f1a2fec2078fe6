import type { User } from "../../protocol/event.js";
import type { RoomId } from "../../protocol/room-id.js";
import type { Topic } from "../../protocol/topic.js";
import type { Outlet } from "./outlet.js";

/** A login that connections stand on; they end with it. */
export type SessionFacts = {
  readonly session_id: string;
  /** Unix milliseconds. */
  readonly expires_ms: number;
};

/** One connection of one user, as the hub sees it: a terminal, a page, a program. */
export class Device {
  readonly connection_id: string;
  readonly user: User;
  /** The user showed what proves that the id is theirs. Others may talk, but not read stored direct messages. */
  readonly claimed: boolean;
  /** The login it stands on; guests have none. */
  readonly session: SessionFacts | undefined;
  /** What its limits are counted by: an address, or a network of them. */
  readonly address: string;
  readonly is_local: boolean;
  readonly outlet: Outlet;
  /** The rooms it is seated in. */
  readonly rooms = new Set<RoomId>();
  /** What it hears of; kept by Topics. */
  readonly topics = new Set<Topic>();
  /** Set when it has been told `connected`: from then on others may speak to it. */
  is_greeted = false;
  /** Set when it has been in a room. */
  has_joined = false;
  /** Set when the connection has ended: whatever is under way for it comes to nothing. */
  is_gone = false;

  /** `user` goes before the one of the facts: it is under the name that was free. */
  constructor(
    facts: {
      readonly connection_id: string;
      readonly user: User;
      readonly claimed: boolean;
      readonly session?: SessionFacts | undefined;
      readonly address: string;
      readonly is_local: boolean;
      readonly outlet: Outlet;
    },
    user = facts.user,
  ) {
    this.connection_id = facts.connection_id;
    this.user = user;
    this.claimed = facts.claimed;
    this.session = facts.session;
    this.address = facts.address;
    this.is_local = facts.is_local;
    this.outlet = facts.outlet;
  }
}
