import type { FaultRow } from "./fault-row.js";

/** Where two programs meet. */
export const PROGRAMS: readonly FaultRow[] = [
  {
    entry: "2.A1",
    what: "a quiet chat outlives HAProxy's time-out",
    file: "test/server/interop/proxy-recipes.test.ts",
    test: "keeps a quiet chat for longer than its time-out",
  },
  {
    entry: "2.A1",
    what: "the hub asks for a sign of life every 25 s by default",
    file: "test/server/hub/rooms.test.ts",
    test: "is told who it is, on which server, and within which limits",
  },
  {
    entry: "2.A2",
    what: "dtach: modes and text are there after an attach, and a paste of three lines sends nothing",
    file: "test/e2e/full-screen-reattach.test.ts",
    test: "finds the chat as it was, with its modes, at an attach with -r %s",
  },
  {
    entry: "2.A2",
    what: "Ctrl-L sets the modes again",
    file: "test/e2e/full-screen-reattach.test.ts",
    test: "sets all modes again and draws all rows at %s",
  },
  {
    entry: "2.A3",
    what: "SIGWINCH without another size draws everything, with the modes",
    file: "test/e2e/full-screen-reattach.test.ts",
    test: "sets all modes again and draws all rows at %s",
  },
  {
    entry: "2.A4",
    what: "messages cut into fragments of 1 KiB are taken, compressed ones too",
    file: "test/server/sockets/fragments.test.ts",
    test: "up to max_message_size (%s) may come in fragments of 1 KiB",
  },
  {
    entry: "2.A4",
    what: "a close for too many fragments says how many there may be",
    file: "test/server/sockets/fragments.test.ts",
    test: "ends the connection at one fragment too many, and says how many there may be",
  },
  { entry: "2.A5", what: "new emoji in old tmux are written into the docs", left: "docs/terminals.md says it" },
  { entry: "2.A6", what: "joined emoji in GNU screen are written into the docs", left: "docs/terminals.md says it" },
  {
    entry: "2.A7",
    what: "a page of the public origin comes in through each recipe, with its port",
    file: "test/server/interop/proxy-recipes.test.ts",
    test: "lets pages of the public origin in, with its port, and no others",
  },
  {
    entry: "2.A7",
    what: "HAProxy and Caddy have recipes, which tell the client's address",
    file: "test/server/interop/proxy-recipes.test.ts",
    test: "tells the hub whose connection it is, whatever a client forwards by itself",
  },
  {
    entry: "2.A8",
    what: "max_message_size above 64 KiB holds for what the network cuts into pieces",
    file: "test/server/sockets/fragments.test.ts",
    test: "up to max_message_size may come from the network in pieces of 1400 bytes",
  },
  {
    entry: "2.A8",
    what: "a close for too many pieces says how many there may be",
    file: "test/server/sockets/fragments.test.ts",
    test: "ends the connection when a frame comes in too many scraps, and says in how many it may come",
  },
  {
    entry: "2.A8",
    what: "a message that is too large is closed with 1009, which says how large it may be",
    file: "test/server/sockets/fragments.test.ts",
    test: "above max_message_size ends the connection with 1009, and says how large it may be",
  },
];
