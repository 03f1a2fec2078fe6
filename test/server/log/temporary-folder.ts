import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach } from "vitest";
import { openSqliteStore, type SqliteStore } from "../../../src/server/log/sqlite/sqlite-store.js";

export const HOLDER = { pid: process.pid, version: "0.0.0-test" };

/** Makes folders that are removed, and stores that are closed, after the test that asked for them. */
export function temporaryFolders() {
  const folders: string[] = [];
  const stores: SqliteStore[] = [];
  afterEach(async () => {
    await Promise.all(stores.splice(0).map((store) => store.close()));
    await Promise.all(folders.splice(0).map((folder) => rm(folder, { recursive: true, force: true })));
  });
  return {
    folder: async (): Promise<string> => {
      const folder = await mkdtemp(join(tmpdir(), "mangahub-log-"));
      folders.push(folder);
      return folder;
    },
    open: async (path: string, busyTimeoutMs = 5000, durable = true): Promise<SqliteStore> => {
      const store = await openSqliteStore({ path, holder: HOLDER, busyTimeoutMs, durable });
      stores.push(store);
      return store;
    },
  };
}
