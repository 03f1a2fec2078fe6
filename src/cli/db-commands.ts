import type { CommandSpec, OptionSpec } from "./command-spec.js";
import { loadContext } from "./context.js";

const DATABASE: OptionSpec = {
  flags: "--database <file>",
  description: "the database (default: hub.db in the data directory)",
  key: "database.path",
};

/** `mangahub db …` */
export const DB_COMMANDS: CommandSpec = {
  name: "db",
  description: "check, back up and restore the hub's database",
  examples: ["mangahub db check", "mangahub db backup ./hub-monday.db"],
  commands: [
    {
      name: "check",
      description: "examine the whole database; exit code 1 if something is wrong with it. A hub may be running",
      options: [DATABASE],
      examples: ["mangahub db check", "mangahub db check --database ./hub-monday.db --json"],
      async run(invocation) {
        const { dbCheck } = await import("./commands/db-check.js");
        await dbCheck(await loadContext(invocation, "hub"));
      },
    },
    {
      name: "backup",
      description: "copy the database to a new file. A hub may be running",
      args: [{ form: "<file>", description: "the copy; it must not exist yet" }],
      options: [DATABASE],
      examples: ["mangahub db backup ./hub-monday.db"],
      async run(invocation, { args }) {
        const { dbBackup } = await import("./commands/db-backup.js");
        await dbBackup(await loadContext(invocation, "hub"), args[0] ?? "");
      },
    },
    {
      name: "restore",
      description: "put a backup in the database's place, which is kept beside. No hub may be running",
      args: [{ form: "<file>", description: "a backup" }],
      options: [DATABASE],
      examples: ["mangahub db restore ./hub-monday.db"],
      async run(invocation, { args }) {
        const { dbRestore } = await import("./commands/db-restore.js");
        await dbRestore(await loadContext(invocation, "hub"), args[0] ?? "");
      },
    },
    {
      name: "stats",
      description: "show how much the database holds. A hub may be running",
      options: [DATABASE],
      examples: ["mangahub db stats", "mangahub db stats --json"],
      async run(invocation) {
        const { dbStats } = await import("./commands/db-stats.js");
        await dbStats(await loadContext(invocation, "hub"));
      },
    },
  ],
};
