import { type CommandSpec, type OptionSpec, type Parsed } from "./command-spec.js";
import { loadContext } from "./context.js";

const PASSWORD_STDIN: OptionSpec = {
  flags: "--password-stdin",
  description: "read the password from stdin instead of asking for it",
};
const NAME = { form: "[name]", description: "the account's name (default: --name, else the system user's)" } as const;

function readsStdin({ options }: Parsed): boolean {
  return options["passwordStdin"] === true;
}

const register: CommandSpec = {
  name: "register",
  description: "make an account, and log in to it",
  args: [NAME],
  options: [PASSWORD_STDIN],
  examples: ["mangahub auth register nami", "mangahub auth register nami --server wss://chat.example.org"],
  async run(invocation, parsed) {
    const { authLogin } = await import("./commands/auth-login.js");
    const wish = { route: "register", name: parsed.args[0], fromStdin: readsStdin(parsed) } as const;
    await authLogin(await loadContext(invocation, "client"), wish);
  },
};

const login: CommandSpec = {
  name: "login",
  description: "log in; the next commands for this server use it",
  args: [NAME],
  options: [PASSWORD_STDIN],
  examples: ["mangahub auth login nami", "mangahub auth login nami --password-stdin < password.txt"],
  async run(invocation, parsed) {
    const { authLogin } = await import("./commands/auth-login.js");
    const wish = { route: "login", name: parsed.args[0], fromStdin: readsStdin(parsed) } as const;
    await authLogin(await loadContext(invocation, "client"), wish);
  },
};

const logout: CommandSpec = {
  name: "logout",
  description: "end this session, on the server and here",
  examples: ["mangahub auth logout"],
  async run(invocation) {
    const { authLogout } = await import("./commands/auth-session.js");
    await authLogout(await loadContext(invocation, "client"));
  },
};

const whoami: CommandSpec = {
  name: "whoami",
  description: "show who is logged in, and until when; exit code 5 if nobody is",
  examples: ["mangahub auth whoami", "mangahub auth whoami --json"],
  async run(invocation) {
    const { authWhoami } = await import("./commands/auth-session.js");
    await authWhoami(await loadContext(invocation, "client"));
  },
};

const refresh: CommandSpec = {
  name: "refresh",
  description: "let this session go on as long as after a login",
  examples: ["mangahub auth refresh"],
  async run(invocation) {
    const { authRefresh } = await import("./commands/auth-session.js");
    await authRefresh(await loadContext(invocation, "client"));
  },
};

const password: CommandSpec = {
  name: "password",
  description: "change the password; all other sessions end",
  options: [{ ...PASSWORD_STDIN, description: "read the old and the new password from stdin, a line each" }],
  examples: ["mangahub auth password"],
  async run(invocation, parsed) {
    const { authPassword } = await import("./commands/auth-session.js");
    await authPassword(await loadContext(invocation, "client"), { fromStdin: readsStdin(parsed) });
  },
};

const tokens: CommandSpec = {
  name: "tokens",
  description: "list the account's sessions, on all devices",
  examples: ["mangahub auth tokens", "mangahub auth tokens --json"],
  async run(invocation) {
    const { authTokens } = await import("./commands/auth-tokens.js");
    await authTokens(await loadContext(invocation, "client"));
  },
};

const revoke: CommandSpec = {
  name: "revoke",
  description: "end one of them, wherever it is",
  args: [{ form: "<id>", description: "the session, as `auth tokens` lists it" }],
  examples: ["mangahub auth revoke V1StGXR8pZ5j"],
  async run(invocation, { args }) {
    const { authRevoke } = await import("./commands/auth-tokens.js");
    await authRevoke(await loadContext(invocation, "client"), args[0] ?? "");
  },
};

/** `mangahub auth …` */
export const AUTH_COMMANDS: CommandSpec = {
  name: "auth",
  description: "accounts: register, log in and out, and see where one is logged in",
  examples: ["mangahub auth login nami", "mangahub auth tokens"],
  commands: [register, login, logout, whoami, refresh, password, tokens, revoke],
};
