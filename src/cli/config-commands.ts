import type { CommandSpec } from "./command-spec.js";

const KEY = { form: "<key>", description: "a setting, such as client.name" } as const;

/** `mangahub config …` */
export const CONFIG_COMMANDS: CommandSpec = {
  name: "config",
  description: "show and change the settings",
  examples: ["mangahub config show", "mangahub config set client.name nami"],
  commands: [
    {
      name: "show",
      description: "show every setting and where its value comes from, as `serve` here would use it",
      examples: ["mangahub config show", "mangahub config show --json"],
      async run(invocation) {
        const { configShow } = await import("./commands/config.js");
        await configShow(invocation);
      },
    },
    {
      name: "get",
      description: "show one setting's value",
      args: [KEY],
      examples: ["mangahub config get websocket.port"],
      async run(invocation, { args }) {
        const { configGet } = await import("./commands/config.js");
        await configGet(invocation, args[0] ?? "");
      },
    },
    {
      name: "set",
      description: "change one setting in your own file; its comments stay",
      args: [KEY, { form: "<value>", description: "the value; lists are comma separated" }],
      examples: ["mangahub config set client.name nami", "mangahub config set presence.offline_grace 20s"],
      async run(invocation, { args }) {
        const { configSet } = await import("./commands/config.js");
        await configSet(invocation, args[0] ?? "", args[1] ?? "");
      },
    },
    {
      name: "unset",
      description: "take one setting out of your own file, so that its usual value counts",
      args: [KEY],
      examples: ["mangahub config unset client.room"],
      async run(invocation, { args }) {
        const { configUnset } = await import("./commands/config.js");
        await configUnset(invocation, args[0] ?? "");
      },
    },
    {
      name: "path",
      description: "show where your settings and data are kept",
      examples: ["mangahub config path", "mangahub config path --json"],
      async run(invocation) {
        const { configPath } = await import("./commands/config.js");
        await configPath(invocation);
      },
    },
  ],
};
