import fc from "fast-check";

// What people do beside writing: presence, typing, marks and calls.

const slug = fc.stringMatching(/^[a-z0-9][a-z0-9-]{0,20}$/);
const callId = fc.stringMatching(/^[\x21-\x7e]{1,64}$/);
const seq = fc.integer({ min: 1, max: Number.MAX_SAFE_INTEGER });
const limit = fc.integer({ min: 1, max: 100 });
const note = fc.stringMatching(/^[!-~]{0,40}$/);
const room = { room_id: slug };
const user = fc.record({ user_id: slug, username: slug });
const upTo = fc.oneof(
  fc.record({ ...room, seq }),
  fc.record({ ...room, message_ids: fc.array(slug, { minLength: 1, maxLength: 5 }) }),
);
const signal = fc.oneof(
  fc.string(),
  fc.dictionary(fc.stringMatching(/^[a-z]{1,8}$/), fc.string(), { maxKeys: 3, noNullPrototype: true }),
);
const candidate = fc.oneof(signal, fc.constant(null));
const media = fc.constantFrom("audio", "video");

export const peopleCommands = {
  "presence.update": fc.oneof(
    fc.record(
      { status: fc.constantFrom("online", "away", "busy", "invisible"), note, idle: fc.boolean() },
      { requiredKeys: ["status"] },
    ),
    fc.record({ note }),
    fc.record({ idle: fc.boolean() }),
  ),
  "presence.query": fc.record(
    { ...room, user_ids: fc.array(slug, { maxLength: 3 }), after: slug, limit },
    { requiredKeys: [] },
  ),
  "typing.start": fc.record(room),
  "typing.stop": fc.record(room),
  "mark.delivered": upTo,
  "mark.read": fc.tuple(upTo, fc.boolean()).map(([what, secret]) => ({ ...what, private: secret })),
  "message.ack": upTo,
  "mark.forget": fc.record(room),
  "conversation.list": fc.record({ limit }, { requiredKeys: [] }),
  "call.offer": fc.record({ call_id: callId, to: slug, sdp: signal, media }, { requiredKeys: ["call_id", "sdp"] }),
  "call.answer": fc.record({ call_id: callId, sdp: signal }),
  "call.ice": fc.record({ call_id: callId, candidate }),
  "call.hangup": fc.record(
    { call_id: callId, reason: fc.constantFrom("hangup", "declined", "busy") },
    { requiredKeys: ["call_id"] },
  ),
};

const presence = fc.record(
  {
    user_id: slug,
    username: slug,
    status: fc.constantFrom("online", "away", "busy", "offline"),
    note: slug,
    devices: fc.nat(),
  },
  { requiredKeys: ["user_id", "username", "status", "devices"] },
);
const inRoom = { ...room, user_id: slug, username: slug };
const moved = fc.record({ ...inRoom, online: fc.nat() });
const receipt = fc.record({ ...inRoom, seq: fc.nat(), at: slug });
const counts = { delivered: fc.nat(), read: fc.nat(), unread: fc.nat(), head: fc.nat() };
const reason = fc.constantFrom("hangup", "declined", "busy", "no_answer", "answered_elsewhere", "gone", "unreachable");
const ended = { call_id: callId, ...room, reason, caller: user, callee: user };
const said = { call_id: callId, from: user };

/** A call as a room's log keeps it. */
export const callRecord = fc.record({
  ...ended,
  id: slug,
  user_id: slug,
  username: slug,
  timestamp: fc.nat(),
  created_at: slug,
  seq,
});

export const peopleEvents = {
  "presence.state": fc.record(
    { ...room, users: fc.array(presence, { maxLength: 3 }), total: fc.nat(), next: slug },
    { requiredKeys: ["users", "total"] },
  ),
  "presence.online": moved,
  "presence.offline": moved,
  "presence.update": presence,
  "presence.count": fc.record({ ...room, online: fc.nat() }),
  "typing.start": fc.record({ ...inRoom, expires_in_ms: fc.nat() }),
  "typing.stop": fc.record(inRoom),
  marked: fc.record({ ...room, ...counts }),
  "mark.forgotten": fc.record(room),
  "message.delivered": receipt,
  "message.read": receipt,
  "conversation.list": fc.record({
    conversations: fc.array(fc.record({ ...room, kind: fc.constantFrom("public", "direct"), ...counts })),
  }),
  "call.ack": fc.record({ call_id: callId, ...room, state: fc.constantFrom("ringing", "active", "ended") }),
  "call.incoming": fc.record({ ...said, ...room, sdp: signal, media, expires_at: slug }),
  "call.offer": fc.record({ ...said, sdp: signal }),
  "call.answer": fc.record({ ...said, sdp: signal }),
  "call.ice": fc.record({ ...said, candidate }),
  "call.ended": fc.oneof(fc.record(ended), callRecord),
};
