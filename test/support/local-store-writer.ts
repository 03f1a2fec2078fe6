/** A program for tests: adds numbered entries to an outbox, and says each on stdout once the outbox has it. */
import { writeSync } from "node:fs";
import { openLocalStore } from "../../src/local/local-store.js";
import { GENERAL_ROOM } from "../../src/protocol/room-id.js";

const [, , path = "", prefix = "", count = "1"] = process.argv;
const store = openLocalStore(path);
const identity = store.identity("Nami");
const outbox = store.outbox(identity, { url: "ws://hub" });
writeSync(1, `${identity.user_id}\n`);
for (let index = 0; index < Number(count); index += 1) {
  const client_id = `${prefix}-${index}`;
  outbox.add({
    client_id,
    destination: { room_id: GENERAL_ROOM },
    message: "hi",
    created_at: "2026-01-01T00:00:00.000Z",
  });
  writeSync(1, `${client_id}\n`);
}
store.close();
