import type { LoadedConfig, SettingFlag } from "../config/load.js";
import type { Paths } from "../config/paths.js";
import type { Output } from "./output/output.js";

export type Environment = Readonly<Record<string, string | undefined>>;

/** What every command is given before any file is read. */
export type Invocation = {
  readonly stdin: NodeJS.ReadStream;
  readonly output: Output;
  readonly env: Environment;
  readonly cwd: string;
  readonly json: boolean;
  /** The flags that set settings, of the command and the global ones. */
  readonly flags: readonly SettingFlag[];
  readonly data_dir?: string;
  readonly config_file?: string;
  /** A file that holds a token, to be used instead of the login kept. */
  readonly token_file?: string;
};

/** An invocation with its settings loaded. */
export type Context = Invocation & LoadedConfig & { readonly paths: Paths };

/** Loads the settings as a client or as a hub; warnings go to stderr. Throws ConfigError. */
export async function loadContext(invocation: Invocation, reader: "hub" | "client"): Promise<Context> {
  // Loaded here, not above, so that `--help` and `--version` never pay for the schema library.
  const { loadConfig } = await import("../config/load.js");
  const paths = await resolveContextPaths(invocation);
  const { flags, env, cwd, output } = invocation;
  const loaded = await loadConfig({ reader, flags, env, cwd, paths });
  for (const warning of loaded.warnings) output.say(warning);
  return { ...invocation, ...loaded, paths };
}

/** The paths alone: works also when the settings are broken. */
export async function resolveContextPaths({ env, cwd, data_dir, config_file }: Invocation): Promise<Paths> {
  const { resolvePaths } = await import("../config/paths.js");
  return resolvePaths({
    env,
    cwd,
    ...(data_dir === undefined ? {} : { data_dir }),
    ...(config_file === undefined ? {} : { config_file }),
  });
}

/** A server as a WebSocket or HTTP address, and whether it is the local hub of this machine. */
export type ServerAddress = { readonly url: string; readonly local: boolean };

/** The server the commands talk to. */
export function serverAddress({ config }: Context): ServerAddress {
  const { server } = config.client;
  if (server !== "") return { url: server, local: false };
  return { url: `ws://127.0.0.1:${config.websocket.port}`, local: true };
}

/** Whether a hub that is missing is ours to start. */
export function canStartHub(context: Context): boolean {
  return serverAddress(context).local && context.config.client.start_hub;
}
