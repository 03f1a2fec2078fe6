import { homedir } from "node:os";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { databaseFile, resolvePaths } from "../../../src/config/paths.js";

describe("the paths", () => {
  it("are the flag's before the environment's", () => {
    const env = { MANGAHUB_DATA_DIR: "/env/data", MANGAHUB_CONFIG: "/env/config.yaml" };
    expect(resolvePaths({ env, cwd: "/here" })).toEqual({
      data_dir: "/env/data",
      config_file: "/env/config.yaml",
      config_named: true,
    });
    expect(resolvePaths({ env, cwd: "/here", data_dir: "own", config_file: "~/c.yaml" })).toMatchObject({
      data_dir: "/here/own",
      config_file: join(homedir(), "c.yaml"),
    });
  });

  it("are the system's when nobody names any", () => {
    const paths = resolvePaths({ env: { MANGAHUB_CONFIG: "" }, cwd: "/here" });
    expect(paths.config_named).toBe(false);
    expect(paths.data_dir).toContain("mangahub");
    expect(paths.config_file).toMatch(/config\.yaml$/);
  });

  it("hold the database in the data directory unless it has a place of its own", () => {
    const from = { data_dir: "/data", cwd: "/here" };
    expect(databaseFile("", from)).toBe("/data/hub.db");
    expect(databaseFile("own.db", from)).toBe("/here/own.db");
  });
});
