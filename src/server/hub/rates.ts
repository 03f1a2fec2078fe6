import type { CommandClass } from "./command-class.js";
import type { Rate } from "./token-bucket.js";

/** The rates of config `limits`; `enabled: false` lets everything pass (benchmarks and tests). */
export type Limits = {
  readonly enabled: boolean;
  readonly messages_per_second: number;
  readonly message_burst: number;
  readonly user_messages_per_second: number;
  readonly user_message_burst: number;
  readonly address_messages_per_second: number;
  readonly address_message_burst: number;
  readonly room_messages_per_second: number;
  readonly room_message_burst: number;
  readonly typing_per_second: number;
  readonly typing_burst: number;
  readonly marks_per_second: number;
  readonly mark_burst: number;
  readonly subscribes_per_second: number;
  readonly subscribe_burst: number;
  readonly history_per_second: number;
  readonly history_burst: number;
  readonly calls_per_second: number;
  readonly call_burst: number;
  readonly requests_per_second: number;
  readonly request_burst: number;
  readonly rooms_per_hour: number;
};

/** Whose tokens a command takes: one of each. */
export type Scope = "connection" | "user" | "address" | "room";

/** What a user, an address and a room get of a class whose settings name the connection's rate only. */
const SHARES: Readonly<Record<Scope, number>> = { connection: 1, user: 2, address: 5, room: 20 };

export type Rates = Readonly<Record<CommandClass, Readonly<Record<Scope, Rate>>>>;

export function ratesOf(limits: Limits): Rates {
  return {
    message: {
      connection: { per_second: limits.messages_per_second, burst: limits.message_burst },
      user: { per_second: limits.user_messages_per_second, burst: limits.user_message_burst },
      address: { per_second: limits.address_messages_per_second, burst: limits.address_message_burst },
      room: { per_second: limits.room_messages_per_second, burst: limits.room_message_burst },
    },
    typing: shared({ per_second: limits.typing_per_second, burst: limits.typing_burst }),
    mark: shared({ per_second: limits.marks_per_second, burst: limits.mark_burst }),
    subscribe: shared({ per_second: limits.subscribes_per_second, burst: limits.subscribe_burst }),
    history: shared({ per_second: limits.history_per_second, burst: limits.history_burst }),
    call: shared({ per_second: limits.calls_per_second, burst: limits.call_burst }),
    other: shared({ per_second: limits.requests_per_second, burst: limits.request_burst }),
  };
}

function shared(rate: Rate): Readonly<Record<Scope, Rate>> {
  return {
    connection: sharedBy("connection", rate),
    user: sharedBy("user", rate),
    address: sharedBy("address", rate),
    room: sharedBy("room", rate),
  };
}

/** What all of a user, an address or a room get together, where one may do so much. */
export function sharedBy(scope: Scope, { per_second, burst }: Rate): Rate {
  return { per_second: per_second * SHARES[scope], burst: burst * SHARES[scope] };
}
