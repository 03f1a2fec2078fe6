import type { CommandSpec } from "./command-spec.js";
import { loadContext } from "./context.js";

/** `mangahub server …` */
export const SERVER_COMMANDS: CommandSpec = {
  name: "server",
  description: "the servers that something is kept for here, and where they are",
  examples: ["mangahub server list", "mangahub server move ws://old.example:9093 wss://chat.example.org"],
  commands: [
    {
      name: "list",
      description: "list them by address, with the messages that wait for each",
      examples: ["mangahub server list", "mangahub server list --json"],
      async run(invocation) {
        const { serverList } = await import("./commands/server-list.js");
        serverList(await loadContext(invocation, "client"));
      },
    },
    {
      name: "move",
      description: "say that a server has another address now: outbox, what was seen, marks, logins and keys follow",
      args: [
        { form: "<old>", description: "the address it had, as `server list` shows it" },
        { form: "<new>", description: "the address it has now" },
      ],
      examples: ["mangahub server move ws://old.example:9093 wss://chat.example.org"],
      async run(invocation, { args }) {
        const { serverMove } = await import("./commands/server-move.js");
        await serverMove(await loadContext(invocation, "client"), { from: args[0] ?? "", to: args[1] ?? "" });
      },
    },
  ],
};
