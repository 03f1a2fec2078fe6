import type { FaultRow } from "./fault-row.js";

/** Attacks that succeeded, of low weight, and what was noted beside them. */
export const LOW_ATTACKS: readonly FaultRow[] = [
  {
    entry: "1.11",
    what: "a resume without progress is asked again after growing pauses",
    file: "test/server/client/faulty-hubs.test.ts",
    test: "is asked less and less often when it says more without going on",
  },
  {
    entry: "1.11",
    what: "pages with holes are asked again after growing pauses",
    file: "test/server/client/faulty-hubs.test.ts",
    test: "is asked less and less often when every page is followed by one with a hole",
  },
  {
    entry: "1.12",
    what: "1012 with 0 ms is met with a growing pause",
    file: "test/server/client/faulty-hubs.test.ts",
    test: 'is come back to less and less often when it says "at once" every time',
  },
  {
    entry: "1.13",
    what: "--json escapes C1 and bidi controls and keeps the value",
    file: "test/e2e/hostile-hub.test.ts",
    test: "does nothing to the terminal by `%s %s`, with --json neither",
  },
  {
    entry: "1.14",
    what: "completion puts no SGR into the input line",
    file: "test/e2e/hostile-hub.test.ts",
    test: "puts no escape sequence into the input line by completion",
  },
  {
    entry: "1.15",
    what: "db check names a trigger, table, view, virtual table or index that the hub did not make, and db restore refuses it; nothing of it is run",
    file: "test/server/log/maintenance.test.ts",
    test: "names %s that the hub did not make, which is never run",
  },
  {
    entry: "1.15",
    what: "a hub does not open a database with a foreign trigger",
    file: "test/server/log/open-errors.test.ts",
    test: "refuses a database with a trigger that the hub did not make, names it and does not run it",
  },
  {
    entry: "1.16",
    what: "a logger whose methods reject, or never end, loses its lines and nothing else",
    file: "test/server/hub/faulty-embedder.test.ts",
    test: "whose methods answer by a promise that rejects, or by one that never ends, loses its lines and nothing else",
  },
  {
    entry: "1.16",
    what: "a store that never answers ends in unavailable after a deadline",
    file: "test/server/hub/faulty-embedder.test.ts",
    test: "whose events.%s never answers ends in unavailable after a deadline, and holds up nobody else",
  },
  {
    entry: "1.17",
    what: "a hub keeps its database when the lock's file is deleted",
    file: "test/server/log/moved-files.test.ts",
    test: "is kept from a second hub when the lock's file was deleted, which is then made anew",
  },
  {
    entry: "1.17",
    what: "a second hub is refused through a mount of the file",
    file: "test/server/log/moved-files.test.ts",
    test: "is kept from a second hub that comes by a mount of the file, in the same process and in another",
  },
  {
    entry: "1.18",
    what: "all files beside a database have mode 600 under any umask",
    file: "test/server/log/moved-files.test.ts",
    test: "has files beside it that are their owner's alone, whatever the umask",
  },
  {
    entry: "1.19",
    what: "the target of a link keeps its permissions",
    file: "test/e2e/surroundings.test.ts",
    test: "leaves the file it leads to as it is, if others may read that: %s",
  },
  {
    entry: "1.20",
    what: "history holds and prints no more than was asked for",
    file: "test/e2e/one-shot.test.ts",
    test: "prints no more than was asked for, whatever the server sends",
  },
  {
    entry: "1.20",
    what: "history without a limit is bounded, and says so",
    file: "test/e2e/one-shot.test.ts",
    test: "ends, though the server has ever more that is older",
  },
  {
    entry: "1.noted:invisible",
    what: "the name of an invisible person is taken",
    left: "Deliberate: the name is in use, and to hide that it would have to be given away; docs/protocol.md and docs/adr/0011 say so.",
  },
  {
    entry: "1.noted:keyless",
    what: "a second keyless guest with the same id is the same person",
    left: "Deliberate: clients without keys have nothing else to show; docs/protocol.md section 2 says what that means.",
  },
  {
    entry: "1.noted:server",
    what: "ids and names that sound like the hub or its operators are no guest's",
    file: "test/server/hub/names.test.ts",
    test: "is no guest's name or id: %s",
  },
];
