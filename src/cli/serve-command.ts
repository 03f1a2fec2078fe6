import type { CommandSpec } from "./command-spec.js";
import { loadContext } from "./context.js";

/** `mangahub serve` */
export const SERVE_COMMAND: CommandSpec = {
  name: "serve",
  description: "run the hub",
  options: [
    { flags: "--host <address>", description: "the address to listen on (default: 127.0.0.1)", key: "websocket.host" },
    { flags: "--port <port>", description: "the port; 0 takes a free one (default: 9093)", key: "websocket.port" },
    {
      flags: "--database <file>",
      description: "the database (default: hub.db in the data directory)",
      key: "database.path",
    },
    {
      flags: "--linger <duration>",
      description: "end so long after the last client has left (default: never)",
      key: "linger",
    },
    { flags: "--tls-cert <file>", description: "serve wss:// with this certificate (PEM)", key: "tls.cert" },
    { flags: "--tls-key <file>", description: "and this key (PEM)", key: "tls.key" },
    {
      flags: "--auth <mode>",
      description: "open: everybody is a guest; token: people have accounts (default: open)",
      key: "auth.mode",
    },
    {
      flags: "--allow-guests",
      description: "let guests in on an address that others reach",
      key: "websocket.allow_guests",
      text: "true",
    },
    {
      flags: "--no-limits",
      description: "without rate limits, for benchmarks and tests",
      key: "limits.enabled",
      text: "false",
    },
  ],
  examples: [
    "mangahub serve",
    "mangahub serve --port 8080 --database ./hub.db",
    "mangahub serve --host 0.0.0.0 --auth token",
    "mangahub serve --host 0.0.0.0 --allow-guests --tls-cert fullchain.pem --tls-key privkey.pem",
  ],
  async run(invocation) {
    const { serve } = await import("./commands/serve.js");
    await serve(await loadContext(invocation, "hub"));
  },
};
