import { join } from "node:path";
import { checkPart, checkWhole } from "./check.js";
import { ConfigError, type Origin } from "./config-error.js";
import { readConfigFile } from "./config-file.js";
import type { ConfigFile } from "./config-text.js";
import { DEFAULTS } from "./defaults.js";
import { LOCAL_CONFIG_FILE, type Paths } from "./paths.js";
import type { Config } from "./schema.js";
import { environmentName, flatten, SETTING_KEYS, unflatten, valueOfText } from "./setting.js";

/** One flag that sets a setting: `--port` with its text, for the key `websocket.port`. */
export type SettingFlag = { readonly key: string; readonly flag: string; readonly text: string };

export type ConfigSources = {
  /** A hub also reads PORT and the working directory's file; a client trusts neither. */
  readonly reader: "hub" | "client";
  readonly flags: readonly SettingFlag[];
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly cwd: string;
  readonly paths: Paths;
};

/** A setting as it was written, and by whom. */
export type SettingSource = { readonly written: unknown; readonly origin: Origin };

export type LoadedConfig = {
  readonly config: Config;
  /** One entry for every setting, by dotted key. */
  readonly sources: ReadonlyMap<string, SettingSource>;
  /** Sentences for the person, such as that a file's part was ignored. */
  readonly warnings: readonly string[];
};

type Layer = ReadonlyMap<string, SettingSource>;

/** Loads the settings: flags over environment over the user's file over the working directory's file over defaults. */
export async function loadConfig(sources: ConfigSources): Promise<LoadedConfig> {
  const warnings: string[] = [];
  const local = sources.reader === "hub" ? await localFileLayer(sources, warnings) : new Map();
  const user = await userFileLayer(sources.paths);
  const merged = new Map([...defaultLayer(), ...local, ...user, ...environmentLayer(sources), ...flagLayer(sources)]);
  const written = unflatten(Object.fromEntries([...merged].map(([key, source]) => [key, source.written])));
  const config = checkWhole(written, (key) => merged.get(key)?.origin ?? { kind: "default", name: "default" });
  return { config, sources: merged, warnings };
}

function defaultLayer(): Layer {
  const origin = { kind: "default", name: "default" } as const;
  return new Map(Object.entries(flatten(DEFAULTS)).map(([key, written]) => [key, { written, origin }]));
}

async function userFileLayer(paths: Paths): Promise<Layer> {
  const file = await readConfigFile(paths.config_file);
  if (file !== undefined) return fileLayer(file);
  if (!paths.config_named) return new Map();
  throw new ConfigError({
    origin: { kind: "file", name: paths.config_file },
    key: "",
    allowed: "there is no such file",
  });
}

/** What a client trusts comes from its user alone, so a directory somebody else made never sets `client`. */
async function localFileLayer({ cwd, paths }: ConfigSources, warnings: string[]): Promise<Layer> {
  const path = join(cwd, LOCAL_CONFIG_FILE);
  if (path === paths.config_file) return new Map();
  const file = await readConfigFile(path);
  if (file === undefined) return new Map();
  const { client, ...written } = file.written;
  if (client !== undefined) {
    warnings.push(`${path}: \`client\` is ignored in this file; put it into your own (${paths.config_file})`);
  }
  return fileLayer({ ...file, written });
}

function fileLayer(file: ConfigFile): Layer {
  const originOf = (key: string): Origin => {
    const line = file.lineOf(key);
    return { kind: "file", name: file.path, ...(line === undefined ? {} : { line }) };
  };
  checkPart(file.written, originOf);
  const entries = Object.entries(flatten(file.written));
  return new Map(entries.map(([key, written]) => [key, { written, origin: originOf(key) }]));
}

function environmentLayer({ env, reader }: ConfigSources): Layer {
  const named = SETTING_KEYS.map((key) => ({ key, name: environmentName(key) }));
  // PORT is what hosting services set; the setting's own variable is more exact and comes later, so it wins.
  const all = reader === "hub" ? [{ key: "websocket.port", name: "PORT" }, ...named] : named;
  const layer = new Map<string, SettingSource>();
  for (const { key, name } of all) {
    const text = env[name];
    if (text === undefined || text === "") continue;
    layer.set(key, textSource({ key, text, origin: { kind: "environment", name } }));
  }
  return layer;
}

function flagLayer({ flags }: ConfigSources): Layer {
  return new Map(
    flags.map(({ key, flag, text }) => [key, textSource({ key, text, origin: { kind: "flag", name: flag } })]),
  );
}

function textSource({ key, text, origin }: { key: string; text: string; origin: Origin }): SettingSource {
  const written = valueOfText(key, text);
  checkPart(unflatten({ [key]: written }), () => origin);
  return { written, origin };
}
