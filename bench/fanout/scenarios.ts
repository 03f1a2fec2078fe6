/** Rooms that are alike, and how their senders speak. Exactly one of `in_flight`, `rate`, `burst` is given, or no sender. */
export type Group = {
  readonly rooms: number;
  readonly members: number;
  readonly senders: number;
  /** Closed loop: a sender has so many messages under way; the next follows when its own has come back to it. */
  readonly in_flight?: number;
  /** Messages a second of the whole group, on time whatever the server does. */
  readonly rate?: number;
  /** Each sender says so many at once, every so many ms. */
  readonly burst?: { readonly messages: number; readonly every_ms: number };
};

export type Scenario = {
  readonly name: string;
  readonly what: string;
  readonly groups: readonly Group[];
};

/** What comes before: code that runs hot is what a server that has been up for a while runs. */
export const WARM_UP: readonly Group[] = [{ rooms: 100, members: 3, senders: 1, in_flight: 2 }];

/** Saturated servers: what a delivery costs. */
export const CLOSED: readonly Scenario[] = [
  closed("pairs", { rooms: 200, members: 2, senders: 1 }),
  closed("2", { rooms: 100, members: 2, senders: 1 }),
  closed("10", { rooms: 100, members: 10, senders: 1 }),
  closed("100", { rooms: 10, members: 100, senders: 1 }),
  closed("1000", { rooms: 1, members: 1000, senders: 1 }),
  closed("100-ten", { rooms: 10, members: 100, senders: 10 }),
  closed("1000-ten", { rooms: 1, members: 1000, senders: 10 }),
];

/** The same for all, and less than they can: what a delivery costs then, and how soon it comes. */
export const PACED: Scenario = {
  name: "paced",
  what: "10 rooms of 100, 400 messages/s in all: 40,000 deliveries/s",
  groups: [{ rooms: 10, members: 100, senders: 1, rate: 400 }],
};

function closed(name: string, shape: Pick<Group, "rooms" | "members" | "senders">): Scenario {
  const { rooms, members, senders } = shape;
  const who = senders === 1 ? "one sender" : `${senders} senders`;
  return {
    name,
    what: `${rooms === 1 ? "one room" : `${rooms} rooms`} of ${members}, ${who} each`,
    groups: [{ ...shape, in_flight: 1 }],
  };
}
