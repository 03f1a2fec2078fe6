/** A test that shows a row: its file below test/, and its title word for word. */
export type Proof = { readonly file: string; readonly title: string };

/** The tests of each row, or why there is none yet. */
export type Shown = readonly Proof[] | { readonly later: string };

const test = (file: string, title: string): Proof => ({ file: `${file}.test.ts`, title });

const EXAMPLE = test(
  "server/seed2/usage-example",
  "runs in Node, with ws as the global WebSocket, and logs connected, pong and subscribed",
);
const IN_CHROMIUM = test("server/seed2/usage-example", "runs in Chromium, and logs the same");
const PROBES = [
  test("server/sockets/upgrade", "tells on /health what listens here"),
  test(
    "server/http/probes",
    "says that the process is up, before the hub has started, while its log hangs, and touches nothing",
  ),
  test("server/http/probes", "reads from the log, writes nothing, and is 200 when all is well"),
];
const PING = test("server/hub/rooms", "is answered by pong, and by an error when it authenticates too late");
const AUTHENTICATE = test("server/hub/people", "can be proved by authenticate as the first frame");
const WRONG_KEY = test(
  "server/hub/people",
  "belongs to the first key shown: a wrong key or none is turned away with 4401",
);
const TOKEN = test(
  "server/auth/sockets",
  "shows its token in the header, and is who the account is, whatever its address says",
);
const CONNECTED = test("server/hub/rooms", "is told who it is, on which server, and within which limits");
const SUBSCRIBE = test(
  "server/hub/rooms",
  "without a resume point answers with the last fifty messages, then the room is live",
);
const SEVERAL_ROOMS = test(
  "server/hub/rooms",
  "from a resume point gives exactly what is missing, in several rooms at once",
);
const UNSUBSCRIBE = test("server/hub/rooms", "reach somebody who unsubscribed no more");
const MESSAGES = test("server/hub/rooms", "reach everybody in the room in the order of the log, the sender too");
const STATUS = test("server/hub/presence", "are answered with oneself, and told to the others in the room");
const PRESENCE_PAGES = test("server/hub/presence", "gets a page and the total, and asks on in one order");
const LATE_JOINER = test(
  "server/hub/presence",
  "gets the people of each room whose presence was asked for, right behind the answer",
);
const COMING_AND_GOING = test(
  "server/hub/people",
  "tells who comes and who leaves; one who unsubscribes is gone at once",
);
const GRACE = test("server/hub/people", "holds a lost connection for the grace, and counts devices of one user once");
const STALE_PRESENCE = test(
  "unit/server/hub/presence",
  "waits ten seconds after the last device, and counts status and note as kept for that time",
);
const TYPING = test("server/hub/typing", "is told to the others who asked for it, without an answer");
const TYPING_STOPS = test(
  "server/hub/typing",
  "stops with the message, with leaving the room, and with a lost connection",
);
const MARKS = test("server/hub/marks", "are answered with where one stands, and tell the other one of a direct room");
const MANY_MARKS = test(
  "server/hub/marks",
  "take ids of messages instead of a seq: the highest counts, unknown ones do not",
);
const CALL = test(
  "server/hub/calls",
  "ring on all devices of the callee; the first answer wins; candidates pass in order; hanging up ends it for both",
);
const MISTAKES = test(
  "server/sockets/mistakes",
  "such as $what is answered with code, field and reply_to, and the connection goes on",
);
const HANDLER = test("server/embed/handlers", "is told who asks what, and its answer goes to the one who asked");
const TO_USERS = test("server/embed/send", "reaches every device of a user, or of several, once");
const TO_TOPIC = test("server/embed/send", "reaches who hears of a topic, anywhere or in one room");
const TO_ALL = test("server/embed/send", "reaches everybody, without a connection or a user if so wanted");
const DEVICES = test("server/hub/devices", "show one's own messages, each once");
const DEVICE_MARKS = test(
  "server/hub/devices",
  "hear how far another of them has read, once, and not what they have read themselves",
);
const FOUR_DEVICES = test(
  "e2e/two-people-four-devices",
  "see presence, typing, marks that turn to read, and unread counts that clear on the other device",
);
const NOTHING_LEFT = test("server/hub/clean-up", "leaves nothing behind, after ${CONNECTIONS} of them");
const STATS = test(
  "server/embed/stats",
  "count people and not devices, places, topics, and each message once for each reader",
);
const PEOPLE_STATS = test("server/embed/stats", "tell how people are, who types and who calls");
const DIRECT = test("server/hub/people", "reach all devices of exactly the two");
const ORIGIN = test(
  "server/sockets/upgrade",
  "from a page of another origin, or by another host name, is refused with 403 as JSON",
);
const OWN_PAGE = test("server/sockets/upgrade", "from the hub's own page, or from an allowed origin, is accepted");
const SLOW = test(
  "server/sockets/lifetime",
  "gets every message once and in order, holds up nobody, and costs bounded memory",
);
const HEARTBEAT = test("server/sockets/lifetime", "keeps those who answer, and ends those who are silent with 4408");
const RATES = test("server/sockets/frames", "keep classes apart: who has used up history may still speak");
const BLOCK = test(
  "server/config/load",
  "may be those of other hubs: their block loads unchanged, up to its frame of 10 MiB",
);
const BUFFERS = test("server/config/load", "refuse sizes that would bound nothing, with the reason and the line");

const REDIS = { later: "one process for now; the bus has a port for it (docs/adr/0002-log-and-hub.md)" };

export const PROOFS: Readonly<Record<string, Readonly<Record<string, Shown>>>> = {
  Endpoints: {
    "`/ws` - WebSocket connection endpoint (ONLY real endpoint)": [EXAMPLE],
    "`/health`, `/live`, `/ready` - Health check endpoints only": PROBES,
  },
  "Client → Server Messages": {
    ping: [PING],
    authenticate: [AUTHENTICATE, TOKEN],
    subscribe: [SUBSCRIBE],
    unsubscribe: [UNSUBSCRIBE],
    "presence.update": [STATUS],
    "presence.query": [PRESENCE_PAGES],
    "typing.start": [TYPING],
    "typing.stop": [TYPING],
    "mark.read": [MARKS],
    "mark.delivered": [MARKS],
    "call.offer": [CALL],
    "call.answer": [CALL],
    "call.ice": [CALL],
    "call.hangup": [CALL],
  },
  "Server → Client Messages": {
    connected: [CONNECTED],
    "auth.success": [AUTHENTICATE],
    "auth.failed": [WRONG_KEY],
    subscribed: [SUBSCRIBE],
    unsubscribed: [UNSUBSCRIBE],
    "presence.update": [STATUS],
    "presence.online": [COMING_AND_GOING],
    "presence.offline": [COMING_AND_GOING],
    "typing.start": [TYPING],
    "typing.stop": [TYPING],
    "message.new": [MESSAGES],
    "message.delivered": [MARKS],
    "message.read": [MARKS],
    "call.incoming": [CALL],
    "call.offer": [CALL],
    "call.answer": [CALL],
    "call.ice": [CALL],
    "call.ended": [CALL],
    error: [MISTAKES],
  },
  "Subscription Topics": {
    "`user` - User-specific events": [DIRECT],
    "`conversation` - Conversation events": [SUBSCRIBE],
    "`presence` - Presence updates": [LATE_JOINER],
    "`typing` - Typing indicators": [TYPING],
    "`calls` - Call events": [
      test("server/hub/calls", "reach nobody who did not ask for calls: the caller hears so, and a record tells of it"),
    ],
    "`notifications` - Notifications": [TO_TOPIC],
  },
  Hub: {
    "Manages all active WebSocket connections": [NOTHING_LEFT],
    "Supports multi-device connections per user": [DEVICES],
    "Handles connection registration/unregistration": [
      test(
        "server/sockets/lifetime",
        "leave nothing behind, also when they go while they are let in, or while a command is under way",
      ),
    ],
    "Broadcasts messages to users": [TO_USERS, MESSAGES],
    "Tracks connection statistics": [STATS],
  },
  "Message Router": {
    "Routes incoming messages to appropriate handlers": [HANDLER, PING],
    "Validates message format": [MISTAKES],
    "Handles errors and sends error responses": [MISTAKES],
    "Extensible handler registration system": [HANDLER],
  },
  "Subscription Manager": {
    "Manages topic subscriptions per client": [STATS, UNSUBSCRIBE],
    "Supports resource-specific subscriptions (e.g., specific conversation)": [SEVERAL_ROOMS],
    "Tracks client subscriptions": [NOTHING_LEFT],
    "Returns subscribers for broadcasting": [TO_TOPIC],
  },
  Broadcaster: {
    "Broadcasts to specific users (all devices)": [TO_USERS],
    "Broadcasts to multiple users": [TO_USERS],
    "Broadcasts to topic subscribers": [TO_TOPIC],
    "Broadcasts to all connected clients": [TO_ALL],
    "Excludes sender from broadcasts": [TO_ALL],
  },
  "Presence Tracker": {
    "Tracks user online/offline status": [COMING_AND_GOING],
    "Tracks custom presence status (away, busy)": [STATUS],
    "Auto-updates based on device connections": [GRACE],
    "Broadcasts presence changes": [STATUS, COMING_AND_GOING],
    "Cleans up stale presence data": [STALE_PRESENCE, NOTHING_LEFT],
  },
  "Message Handlers": {
    "Each handler implements the `MessageHandler` interface": [HANDLER],
  },
  "Message Flow": {
    "Client connects to /ws": [EXAMPLE],
    "Connection upgraded to WebSocket": [EXAMPLE],
    "Client registered in Hub": [STATS],
    "Client sends JSON message": [MESSAGES],
    "Message Router receives raw message": [MISTAKES],
    "Message Validator validates format": [MISTAKES],
    "Router finds appropriate Handler": [HANDLER],
    "Handler processes message": [HANDLER],
    "Handler may broadcast to other clients": [TO_ALL, MESSAGES],
    "Response sent back to client": [HANDLER, PING],
  },
  "Connection Lifecycle": {
    "HTTP upgrade request → /ws": [EXAMPLE, ORIGIN],
    "User validation (database check)": [
      WRONG_KEY,
      test("server/auth/resolver", "says who somebody is, whatever they say themselves"),
    ],
    "WebSocket upgrade": [EXAMPLE],
    "Client object created": [STATS],
    "Hub registration": [STATS],
    "Welcome message sent": [CONNECTED],
    "Message processing begins": [EXAMPLE],
    "Heartbeat/ping-pong": [HEARTBEAT],
    "Disconnect event": [NOTHING_LEFT],
    "Hub unregistration": [NOTHING_LEFT],
    "Subscription cleanup": [
      NOTHING_LEFT,
      test("server/hub/clean-up", "is given back to the memory, also when it ends in the middle of a subscribe"),
    ],
    "Presence update (offline)": [GRACE],
  },
  Features: {
    "Each user can have multiple connected devices": [DEVICES, FOUR_DEVICES],
    "Messages broadcast to all user devices": [DEVICES, TO_USERS],
    "Device-specific tracking": [DEVICE_MARKS, test("server/hub/devices", "stay when one of them is thrown out")],
    "Subscribe to specific topics/resources": [SEVERAL_ROOMS, STATS],
    "Filter-based subscriptions": [SEVERAL_ROOMS],
    "Efficient subscriber lookup": [NOTHING_LEFT, TO_TOPIC],
    "Auto-cleanup on disconnect": [NOTHING_LEFT],
    "Real-time online/offline status": [COMING_AND_GOING],
    "Custom status messages": [STATUS],
    "Device count tracking": [STATUS],
    "Auto-detection via connections": [GRACE],
    "Complete WebRTC signaling support": [CALL],
    "Offer/Answer exchange": [CALL],
    "ICE candidate trickling": [CALL],
    "Call management": [
      CALL,
      test("server/hub/calls", "find busy who is rung or talks; who calls back meanwhile is told to answer"),
      test("server/hub/calls", "are given up after the grace"),
    ],
    "Real-time typing status": [TYPING, FOUR_DEVICES],
    "Conversation-scoped": [TYPING],
    "Start/stop events": [TYPING, TYPING_STOPS],
    "Message delivered notifications": [MARKS],
    "Message read notifications": [MARKS, FOUR_DEVICES],
    "Bulk receipt support": [MANY_MARKS],
  },
  Configuration: {
    write_wait: [BLOCK, test("server/sockets/lifetime", "is not held up by somebody who does not read")],
    pong_wait: [BLOCK, HEARTBEAT],
    ping_period: [BLOCK, HEARTBEAT],
    read_buffer_size: [BLOCK, BUFFERS],
    write_buffer_size: [BLOCK, BUFFERS],
    max_message_size: [
      BLOCK,
      test("server/sockets/frames", "above the size limit ends the connection with 1009, and leaves others alone"),
    ],
    client_buffer_size: [BLOCK, test("server/sockets/frames", "is not taken for dead because its pongs wait too")],
    cleanup_interval: [BLOCK, NOTHING_LEFT],
    stale_connection_timeout: [
      BLOCK,
      test(
        "server/sockets/lifetime",
        "ends the silent after stale_connection_timeout where that is shorter than pong_wait",
      ),
    ],
    register_buffer: [
      BLOCK,
      test(
        "server/hub/faulty-embedder",
        "are let in a few at a time (register_buffer), and who has yet to speak is not in the way",
      ),
    ],
    unregister_buffer: [BLOCK, BUFFERS],
    broadcast_buffer: [
      BLOCK,
      test("unit/server/hub/recent-events", "the last events of a room are kept, so many and so much text at most"),
    ],
  },
  "Usage Example": { "Client Connection": [EXAMPLE, IN_CHROMIUM] },
  "Scalability Considerations": {
    "Horizontal Scaling: Can run multiple instances with Redis pub/sub for cross-instance messaging": REDIS,
    "Connection Limits: Configure based on available resources": [
      test("server/sockets/upgrade", "beyond max_connections is refused with 503, until somebody leaves"),
    ],
    "Message Buffering: Configurable client buffers prevent slow clients from blocking": [SLOW],
    "Cleanup: Automatic cleanup of stale connections and presence data": [HEARTBEAT, STALE_PRESENCE],
  },
  Security: {
    "User validation before connection": [WRONG_KEY, TOKEN],
    "Origin checking (TODO: implement production checks)": [ORIGIN, OWN_PAGE],
    "Message validation": [MISTAKES],
    "Rate limiting (can be added per message type)": [RATES],
    "Token-based authentication support": [TOKEN],
  },
  Monitoring: {
    "Connection statistics via `Hub.GetStats()`": [STATS],
    "Subscription statistics via `Manager.GetStats()`": [STATS],
    "Presence statistics via `Tracker.GetStats()`": [PEOPLE_STATS],
    "Health checks for database and cache": [
      ...PROBES,
      test("server/http/probes", "is 503 while the log cannot be written, and leaves its file alone"),
    ],
    "Structured logging with correlation IDs": [
      test("server/http/probes", "stands in the log, beside the connection it became or the reason it was refused"),
    ],
  },
  "Future Enhancements": {
    "Message persistence for offline users": [
      test("server/hub/people", "wait for a claimed user who is away, and for nobody without the key"),
    ],
    "Redis pub/sub for multi-instance deployment": REDIS,
    "Rate limiting per user/message type": [
      RATES,
      test("unit/server/hub/throttle", "counts a user's connections, an address and a room together"),
    ],
    "Message acknowledgment tracking": [
      MARKS,
      test(
        "server/hub/rooms",
        "are stored once for one client_id: the same again is a duplicate, another body a conflict",
      ),
    ],
    "Reconnection with message replay": [
      SEVERAL_ROOMS,
      test("server/client/reconnect", "resumes from where it was and receives what it missed, once and in order"),
    ],
    "Binary message support (protobuf)": { later: "another dialect beside server/sockets/dialects" },
    "Compression support (permessage-deflate)": [
      test("server/sockets/compression", "is for those who ask, and both kinds of member read the same room"),
    ],
    "Authentication token refresh": [
      test("server/auth/sockets", "by its time closes its connections, those of a refreshed one later"),
    ],
    "Admin API for connection management": [
      test("server/embed/send", "is closed with 4403 and the reason, and the user's others stay"),
      test("server/embed/send", "is one of all those of a user, and the name is free at once"),
    ],
  },
};
