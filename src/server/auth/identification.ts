import type { IncomingMessage } from "node:http";
import type { CommandPayload } from "../../protocol/command.js";
import type { Failure } from "../../protocol/error-code.js";
import type { User } from "../../protocol/event.js";
import type { UserId } from "../../protocol/user-id.js";
import type { LoginSession } from "../log/event-log.js";

/** What a connection says of itself: names and a ticket in the query, a key or token elsewhere, never in an address. */
export type Introduction = {
  readonly user_id?: string | undefined;
  readonly username?: string | undefined;
  readonly key?: string | undefined;
  readonly ticket?: string | undefined;
};

/** Who a connection is, and what that stands on: a guest's key, a session, somebody else's word, or nothing. */
export type Known = {
  readonly status: "known";
  readonly user: User;
  readonly key_hash?: string;
  readonly session?: LoginSession;
  /** The embedding program vouches for the user; names are its own, so two of its users may share one. */
  readonly vouched?: true;
};

/** `key_needed`: what proves the id was not shown yet; `failure` is for those who do not show it. */
export type Identification = Known | { readonly status: "key_needed" | "refused"; readonly failure: Failure };

/** A guest's key, and the one that takes its place. */
export type KeyChange = CommandPayload<"auth.rekey">;

/** Where a request comes from. Everybody on this machine shares its own address, which tells nothing. */
export type Sender = { readonly address: string; readonly is_local: boolean };

/** A connection that is being let in. */
export type Newcomer = Sender & { readonly user: User };

/** Tells who a connection is. One for each way of knowing people: guests with keys, accounts, an embedder's sessions. */
export interface Gate {
  identify(introduction: Introduction, request: IncomingMessage): Promise<Identification>;
  /**
   * A guest who shows nothing, and whose id and name have no account: `identify` would find the same, and `confirm` in
   * the same turn of the event loop find nothing else. Undefined if it takes a wait to know.
   */
  guestAtOnce?(introduction: Introduction): User | undefined;
  /** What is wrong with the names in a request, whoever sends it; undefined if they may be used. */
  faultIn?(introduction: Introduction): Failure | undefined;
  /**
   * Called once the connection is among those online, under the name it got: whether what was found still holds, for
   * it may have ended meanwhile. From here on an end finds the connection.
   */
  confirm(found: Known, newcomer: Newcomer): Promise<Failure | undefined>;
  /**
   * Replaces a guest's key, where guests have keys. Undefined if the new one is now the key of that id; a repetition
   * finds it so, too.
   */
  replaceKey?(user_id: UserId, change: KeyChange): Promise<Failure | undefined>;
}
