import type { FaultRow } from "./fault-row.js";

/** Against the five source documents and their clients. */
export const DOCUMENTS: readonly FaultRow[] = [
  {
    entry: "3.1.1",
    what: "a client without a key hears private messages",
    file: "test/server/client/keyless.test.ts",
    test: "hears the private messages that reach its connection, in order and once",
  },
  {
    entry: "3.1.1",
    what: "a client without a key hears private messages after a reconnect",
    file: "test/server/client/keyless.test.ts",
    test: "goes on hearing them after a reconnect, and asks for none",
  },
  {
    entry: "3.1.2",
    what: "second names of fields are understood",
    file: "test/unit/protocol/second-names.test.ts",
    test: "is understood in %s: %j",
  },
  {
    entry: "3.1.2",
    what: "a second name that differs from the first is refused",
    file: "test/unit/protocol/second-names.test.ts",
    test: "beside the first one, with another value, is refused",
  },
  {
    entry: "3.1.3",
    what: "numbers are taken as user ids",
    file: "test/unit/protocol/second-names.test.ts",
    test: "is understood in %s: %j",
  },
  {
    entry: "3.1.4",
    what: "the room dialect bends names, and refuses ids before the upgrade",
    file: "test/server/sockets/upgrade.test.ts",
    test: "of the room dialect with an id that cannot be used is refused with 400, and a name that does not fit is bent",
  },
  {
    entry: "3.1.5",
    what: "a private line that reaches nobody, and a text that is too long, are answered",
    file: "test/server/sockets/frames.test.ts",
    test: "answers a private line that reaches nobody, and a text that is too long, by one line of the server",
  },
  {
    entry: "3.1.6",
    what: "-m, -l and several words",
    file: "test/e2e/history.test.ts",
    test: "marks an answer with the number it answers, and says which room it is",
  },
  {
    entry: "3.1.6",
    what: "/exit and /q",
    file: "test/unit/session/slash/table.test.ts",
    test: "know the names that other chat programs have for them",
  },
  {
    entry: "3.1.6",
    what: "/part leaves a room for good",
    file: "test/server/session/slash.test.ts",
    test: "/part leaves a room for good, on every device, and shows the one before",
  },
  {
    entry: "3.1.6",
    what: "/part of a direct room, and of one that is not shown",
    file: "test/server/session/slash.test.ts",
    test: "/part leaves a room that is not shown, and a direct one until somebody writes",
  },
  {
    entry: "3.1.6",
    what: "/part with a hub that is too old for it",
    file: "test/server/session/slash.test.ts",
    test: "/part changes the view where the server is too old to forget a room, and says so",
  },
  {
    entry: "3.1.6",
    what: "mark.forget ends that a room is followed",
    file: "test/server/hub/marks.test.ts",
    test: "ends that a public room is counted, for oneself alone, and tells one's other devices",
  },
  {
    entry: "3.1.6",
    what: "/part in the full screen ends what chat unread tells",
    file: "test/e2e/full-screen-unread.test.ts",
    test: "is not told of a room that was left for good",
  },
  {
    entry: "3.1.7",
    what: "chat_messages is a view, which other programs read and do not insert into",
    left: "a deliberate no: an inserted row would have no number, no commit and no fan-out",
  },
  {
    entry: "3.1.7",
    what: "unsubscribe without topics names those that have ended",
    file: "test/server/hub/rooms.test.ts",
    test: "end with every topic, and unsubscribed names those that have ended",
  },
  {
    entry: "3.1.7",
    what: "errors speak in words of the protocol, not the validator's",
    file: "test/unit/protocol/read-payload.test.ts",
    test: "is said in words of this protocol: %s %j",
  },
  {
    entry: "3.1.7",
    what: "unknown paths answer not_found",
    file: "test/server/sockets/upgrade.test.ts",
    test: "answers a plain GET of /ws with 426, other paths with 404, other methods with 405",
  },
  {
    entry: "3.1.7",
    what: "the room dialect is told of a stop by 1001 and a sentence",
    file: "test/server/sockets/lifetime.test.ts",
    test: "takes well below 10 s, though one client neither reads nor answers and another has broken the rules of frames",
  },
  {
    entry: "3.1.7",
    what: "/health and OPTIONS to pages of other origins, CORS headers",
    left: "which origins may read what is a CORS setting, which belongs to the later HTTP issue; until then a foreign page is refused and told why",
  },
  {
    entry: "3.1.7",
    what: "a program with a Cookie and no Origin gets 403",
    left: "by design, and documented (docs/protocol.md, section 1)",
  },
  {
    entry: "3.1.7",
    what: "a token hub takes the upgrade and waits 5 s for the token",
    left: "browsers cannot set headers, so the first frame is their way; refusing before the upgrade belongs to the dialects of seeds 3 and 4",
  },
  {
    entry: "3.1.7",
    what: "chat_messages is a view that takes no INSERT",
    left: "a deliberate no: what is written past the log has no number, and nobody would be told of it",
  },
  {
    entry: "3.1.7",
    what: "a wrong audience is refused with what is allowed",
    file: "test/server/embed/send.test.ts",
    test: "is refused when it is for nobody that can be",
  },
];
