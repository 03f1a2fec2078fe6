import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { openMemoryStore } from "../../../src/server/log/memory/memory-store.js";
import { openSqliteStore } from "../../../src/server/log/sqlite/sqlite-store.js";
import { accountsContract } from "../../contract/accounts.contract.js";
import { marksContract } from "../../contract/marks.contract.js";
import { storeContract } from "../../contract/store.contract.js";
import { upkeepContract } from "../../contract/upkeep.contract.js";
import { HOLDER } from "./temporary-folder.js";

for (const contract of [storeContract, accountsContract, marksContract, upkeepContract]) {
  contract(
    "memory",
    async () => openMemoryStore(),
    async () => {},
  );
  let folder = "";
  contract(
    "sqlite",
    async () => {
      folder = await mkdtemp(join(tmpdir(), "mangahub-log-"));
      return openSqliteStore({ path: join(folder, "hub.db"), holder: HOLDER });
    },
    () => rm(folder, { recursive: true, force: true }),
  );
}
