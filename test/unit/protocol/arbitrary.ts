import fc from "fast-check";
import { unlawfulRoomId } from "../../../src/protocol/room-id.js";
import { callRecord, peopleCommands, peopleEvents } from "./arbitrary-people.js";

/** Any string at all: lone surrogates, controls, marks and joiners come up often enough to matter. */
export const anyText = fc.string({
  unit: fc.oneof(
    fc.integer({ min: 0, max: 0xffff }).map((unit) => String.fromCharCode(unit)),
    fc.integer({ min: 0, max: 0x10ffff }).map((point) => String.fromCodePoint(point)),
    fc.constantFrom(
      "a",
      " ",
      "\n",
      "\t",
      "\r",
      "\u0301",
      "\u0f90",
      "\u200d",
      "\u200c",
      "\u{e0067}",
      "\ud800",
      "\udc00",
    ),
    fc.constantFrom("\u001b", "\u009b", "\u007f", "\u202e", "\u2066", "\ufeff", "\u2028", "\u00ad", "\u3164", "\u0958"),
  ),
  maxLength: 60,
});

const requestName = fc.string({ minLength: 1, maxLength: 64 });
const slug = fc.stringMatching(/^[a-z0-9][a-z0-9-]{0,20}$/);
const roomId = fc.oneof(
  slug,
  fc.tuple(slug, slug).map(([one, other]) => `dm:${one}:${other}`),
);
const clientId = fc.stringMatching(/^[\x21-\x7e]{1,64}$/);
const seq = fc.integer({ min: 1, max: Number.MAX_SAFE_INTEGER });
const text = fc.string({ unit: "grapheme-ascii", minLength: 1, maxLength: 40 }).filter((value) => value.trim() !== "");
const meta = fc.dictionary(
  fc.stringMatching(/^[a-z]{1,8}$/),
  fc.oneof(fc.integer(), fc.boolean(), fc.constant(null), fc.stringMatching(/^[ -~]{0,12}$/)),
  { maxKeys: 4, noNullPrototype: true },
);
const optional = { requiredKeys: [] } satisfies { requiredKeys: [] };
const topics = fc.uniqueArray(fc.constantFrom("user", "conversation", "presence", "typing"), { maxLength: 4 });
const unlawful = fc.string({ unit: "binary", maxLength: 40 }).map(unlawfulRoomId);
const wanted = fc.oneof(roomId, unlawful);
const filters = fc.record({ conversation_id: fc.oneof(wanted, fc.array(wanted, { maxLength: 3 })) }, optional);
const target = fc.oneof(fc.record({ room_id: roomId }), fc.record({ to: slug }));

/** The payload of a valid command, as it comes out of decoding. */
const commandPayloads = {
  ping: fc.constant({}),
  authenticate: fc.record({ token: fc.stringMatching(/^[a-z]{1,20}$/) }),
  "auth.refresh": fc.constant({}),
  "auth.rekey": fc.record({
    key: fc.stringMatching(/^[a-z]{1,20}$/),
    new_key: fc.stringMatching(/^[\x21-\x7e]{16,80}$/),
  }),
  subscribe: fc.record(
    {
      topics,
      filters,
      resume: fc.array(
        fc.record(
          { room_id: roomId, epoch: slug, seq: fc.nat() },
          { requiredKeys: ["room_id"], noNullPrototype: true },
        ),
        { maxLength: 3 },
      ),
    },
    optional,
  ),
  unsubscribe: fc.record({ topics, filters }, optional),
  "message.send": fc
    .tuple(
      target,
      fc.record({ message: text, client_id: clientId }),
      fc.record({ reply_to: seq, chapter: fc.integer({ min: 0, max: 100_000 }), meta }, optional),
    )
    .map(([where, what, more]) => ({ ...where, ...what, ...more })),
  "history.get": fc
    .tuple(
      target,
      fc.record(
        {
          before: seq,
          after: fc.nat(),
          since: fc.constant("2026-01-01T00:00:00Z"),
          limit: fc.integer({ min: 1, max: 500 }),
        },
        optional,
      ),
    )
    .map(([where, range]) => ({ ...where, ...range })),
  "room.list": fc.constant({}),
  "room.members": fc.record({ room_id: roomId }, optional),
  ...peopleCommands,
};

/** A valid command of any type. */
export const anyCommand = fc.oneof(
  ...Object.entries(commandPayloads).map(([type, payload]) =>
    fc.record({ id: requestName, type: fc.constant(type), payload: payload as fc.Arbitrary<object> }),
  ),
);

const user = fc.record({ user_id: slug, username: slug });
const message = fc.record(
  {
    id: slug,
    user_id: slug,
    username: anyText,
    room_id: roomId,
    message: anyText,
    timestamp: fc.nat(),
    created_at: slug,
    seq,
    client_id: clientId,
    reply_to: seq,
    chapter: fc.nat(),
    meta,
  },
  { requiredKeys: ["id", "user_id", "username", "room_id", "message", "timestamp", "created_at", "seq"] },
);
const events = fc.array(
  fc.oneof(
    fc.record({ type: fc.constant("message.new"), payload: message }),
    fc.record({ type: fc.constant("call.ended"), payload: callRecord }),
  ),
  { maxLength: 2 },
);
const at = { room_id: roomId, epoch: slug };
const results = fc.oneof(
  fc.record({ status: fc.constant("ok"), ...at, head: fc.nat(), events }),
  fc.record({ status: fc.constant("ok"), ...at, head: fc.nat(), events, members: fc.tuple(user, user) }),
  fc.record({ status: fc.constant("more"), ...at, next: fc.nat(), events }),
  fc.record({
    status: fc.constant("reset"),
    ...at,
    head: fc.nat(),
    oldest: fc.nat(),
    reason: fc.constantFrom("epoch", "expired", "ahead"),
  }),
  fc.record({ status: fc.constant("denied"), room_id: wanted }),
);
const eventPayloads = {
  connected: fc.record({
    connection_id: slug,
    user: fc.record({ user_id: slug, username: slug, claimed: fc.boolean() }),
    server: fc.record({ server_id: slug, version: slug, protocol: fc.nat() }),
    limits: fc.record({ max_frame_bytes: fc.nat(), max_message_bytes: fc.nat(), max_rooms: fc.nat() }),
    heartbeat_ms: fc.nat(),
  }),
  pong: fc.constant({}),
  "auth.success": fc.record({ user, expires_at: slug }, { requiredKeys: ["user"] }),
  "auth.failed": fc.record({ code: fc.constant("not_authenticated"), message: anyText }),
  subscribed: fc.record({ topics, rooms: fc.array(results, { maxLength: 3 }) }),
  unsubscribed: fc.record({ topics, rooms: fc.array(roomId, { maxLength: 3 }) }),
  "message.ack": fc.record(
    { client_id: clientId, id: slug, ...at, seq, timestamp: fc.nat(), duplicate: fc.boolean() },
    { requiredKeys: ["client_id", "id", "room_id", "epoch", "seq", "timestamp"] },
  ),
  "message.new": message,
  "history.page": fc.record({ ...at, head: fc.nat(), oldest: fc.nat(), messages: fc.array(message, { maxLength: 2 }) }),
  "room.list": fc.record({ rooms: fc.array(fc.record({ room_id: roomId, head: fc.nat(), online: fc.nat() })) }),
  "room.members": fc.record({
    members: fc.array(fc.record({ user_id: slug, username: slug, rooms: fc.array(roomId) })),
    total: fc.nat(),
  }),
  ...peopleEvents,
  error: fc.record(
    {
      code: fc.constantFrom("too_fast", "internal"),
      message: anyText,
      retryable: fc.boolean(),
      retry_after_ms: fc.nat(),
      field: slug,
    },
    { requiredKeys: ["code", "message", "retryable"] },
  ),
};

/** A valid event of any type. */
export const anyEvent = fc.oneof(
  ...Object.entries(eventPayloads).map(([type, payload]) =>
    fc.record({ type: fc.constant(type), payload: payload as fc.Arbitrary<object> }),
  ),
);

/** The types the two arbitraries cover: a test compares them with the source, so that none is forgotten. */
export const COVERED = { commands: Object.keys(commandPayloads), events: Object.keys(eventPayloads) };
