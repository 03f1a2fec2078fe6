import { execFile } from "node:child_process";
import { cp, symlink } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { expect, it } from "vitest";
import packageJson from "../../package.json" with { type: "json" };
import { temporaryDirectory } from "../support/temporary-directory.js";

const root = fileURLToPath(new URL("../..", import.meta.url));
const run = promisify(execFile);

it("npm start says that it builds, when it does", async () => {
  const copy = await temporaryDirectory();
  for (const name of ["src", "scripts", "package.json", "tsconfig.json"]) {
    await cp(join(root, name), join(copy, name), { recursive: true });
  }
  await symlink(join(root, "node_modules"), join(copy, "node_modules"));
  const [node, ...args] = packageJson.scripts.prestart.split(" ");
  expect(node).toBe("node");
  const build = () => run(process.execPath, args, { cwd: copy });
  expect(await build()).toEqual({ stdout: "", stderr: "building mangahub …\n" });
  expect(await build()).toEqual({ stdout: "", stderr: "" });
});
