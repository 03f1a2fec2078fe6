import { readdir, symlink } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { DatabaseLocked } from "../../../src/server/log/sqlite/holder.js";
import { draft } from "../../contract/store.contract.js";
import { children, nextLine } from "./child.js";
import { HOLDER, temporaryFolders } from "./temporary-folder.js";

const { folder, open } = temporaryFolders();
const start = children();

async function refusal(opening: Promise<unknown>): Promise<DatabaseLocked> {
  const error: unknown = await opening.then(
    () => undefined,
    (reason: unknown) => reason,
  );
  expect(error).toBeInstanceOf(DatabaseLocked);
  // Checked in the line above.
  return error as DatabaseLocked;
}

describe("a database's lock", () => {
  it("keeps a second store of one process out and names the holder, first without, then with its address", async () => {
    const path = join(await folder(), "hub.db");
    const store = await open(path);
    const since = expect.stringMatching(/^\d{4}-.*Z$/);
    expect((await refusal(open(path))).holder).toEqual({ ...HOLDER, since });
    store.announce("http://127.0.0.1:9093");
    const { holder, message } = await refusal(open(path));
    expect(holder).toEqual({ ...HOLDER, since, url: "http://127.0.0.1:9093" });
    expect(message).toContain(`the hub with process id ${process.pid}, at http://127.0.0.1:9093, since 2`);
    await expect(store.events.append([draft()])).resolves.toMatchObject([{ status: "stored" }]);
  });

  it("keeps another process out, in both directions", async () => {
    const path = join(await folder(), "hub.db");
    const child = start("hold", path);
    expect(await nextLine(child)).toBe("open");
    const { holder } = await refusal(open(path));
    expect(holder).toMatchObject({ pid: child.process.pid, url: "http://127.0.0.1:9093", version: "0.0.0-child" });
    await child.kill();
    await open(path);
    const message = expect.stringContaining(`process id ${process.pid}`);
    expect(await nextLine(start("open", path))).toMatchObject({ error: "DatabaseLocked", message });
  });

  it("is free as soon as its holder was killed or has closed, and leaves no file that says otherwise", async () => {
    const path = join(await folder(), "hub.db");
    const child = start("hold", path);
    await nextLine(child);
    await child.kill();
    const store = await open(path);
    await store.close();
    expect((await readdir(join(path, ".."))).toSorted()).toEqual(["hub.db", "hub.db.lock"]);
    expect(await nextLine(start("open", path))).toBe("opened");
  });

  it("holds for every name of the database", async () => {
    const path = join(await folder(), "hub.db");
    await open(path);
    const other = join(await folder(), "link.db");
    await symlink(path, other);
    await refusal(open(other));
  });

  it("lets only one of many win that come at once", async () => {
    const path = join(await folder(), "hub.db");
    const settled = await Promise.allSettled(Array.from({ length: 8 }, () => open(path)));
    expect(settled.filter(({ status }) => status === "fulfilled")).toHaveLength(1);
  });
});
