/**
 * The bounds both halves keep to. A server tells its own, possibly lower, ones in `connected.limits`;
 * these are the values nothing may exceed.
 */
export const LIMITS = {
  /** Bytes of one frame, UTF-8. */
  maxFrameBytes: 64 * 1024,
  /** Bytes of a message's text after sanitising, UTF-8: JSON escapes at worst double it, so it fits a frame. */
  maxMessageBytes: 16 * 1024,
  /** Code points of a name. */
  maxUsernameLength: 32,
  /** Characters of a user id. */
  maxUserIdLength: 64,
  /** Characters of a room id: two of the longest user ids of an embedder, percent-encoded, fit. */
  maxRoomIdLength: 5120,
  /** Characters of an envelope's id and of a client_id. */
  maxRequestIdLength: 64,
  /** Bytes of a message's `meta`, as JSON. */
  maxMetaBytes: 1024,
  /** Objects and lists inside one another in a message's `meta`. */
  maxMetaDepth: 8,
  /** Characters of a frame's type. */
  maxTypeLength: 64,
  /** Objects and lists inside one another in the payload of a command or event that is not the hub's own. */
  maxPayloadDepth: 32,
  /** Events of one room in one resume answer, and messages in one history page. */
  maxPageEvents: 500,
  /** Bytes of all events in one resume answer or history page. */
  maxPageBytes: 1024 * 1024,
  /** Rooms one connection may be subscribed to. */
  maxRoomsPerConnection: 256,
  /** Messages a room answers with when no resume point is given. */
  defaultPageEvents: 50,
  /** People in one `room.members` answer; `total` tells how many there are. */
  maxMembersListed: 500,
  /** Rooms in one `room.list` or `conversation.list` answer. */
  maxRoomsListed: 500,
  /** People in one `presence.state`, and in one `presence.query`. */
  maxPresenceListed: 100,
  /** Code points of a presence note. */
  maxNoteLength: 80,
  /** Bytes of an SDP or an ICE candidate, as JSON. */
  maxSignalBytes: 16 * 1024,
  /** Objects and lists inside one another in an SDP or an ICE candidate. */
  maxSignalDepth: 8,
} as const;
