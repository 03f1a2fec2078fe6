import { ConfigError, describeOrigin } from "../../config/config-error.js";
import { changeFile, setInText, unsetInText } from "../../config/edit.js";
import { databaseFile } from "../../config/paths.js";
import { SETTING_KEYS } from "../../config/setting.js";
import { type Invocation, loadContext, resolveContextPaths } from "../context.js";

/** `config show`: every setting, its value as written, and its origin. */
export async function configShow(invocation: Invocation): Promise<void> {
  const { sources, output, json } = await loadContext(invocation, "hub");
  const rows = SETTING_KEYS.map((key) => {
    const source = sources.get(key);
    return { key, value: source?.written, from: source === undefined ? "default" : describeOrigin(source.origin) };
  });
  if (json) {
    output.printJson(rows, 2);
    return;
  }
  const width = Math.max(...rows.map(({ key }) => key.length));
  for (const { key, value, from } of rows) {
    const origin = from === "default" ? "" : `  (${from})`;
    output.print(`${key.padEnd(width)}  ${show(value)}${origin}`.trimEnd());
  }
}

/** `config get`: the value alone, for scripts. */
export async function configGet(invocation: Invocation, key: string): Promise<void> {
  if (!SETTING_KEYS.includes(key)) throw unknownSetting(key);
  const { sources, output, json } = await loadContext(invocation, "hub");
  const value = sources.get(key)?.written;
  if (json) output.printJson(value);
  else output.print(show(value));
}

/** `config set`: changes the user's own file, and makes it if there is none. */
export async function configSet(invocation: Invocation, key: string, value: string): Promise<void> {
  const { config_file } = await resolveContextPaths(invocation);
  await changeFile(config_file, (text) => setInText(text, key, value));
  if (invocation.json) invocation.output.printJson({ key, file: config_file });
}

/** `config unset`: removes the setting from the user's own file; one that is not there is no error. */
export async function configUnset(invocation: Invocation, key: string): Promise<void> {
  const { config_file } = await resolveContextPaths(invocation);
  await changeFile(config_file, (text) => unsetInText(text, key));
  if (invocation.json) invocation.output.printJson({ key, file: config_file });
}

/** `config path`: works also when the settings are broken, and then leaves out the database. */
export async function configPath(invocation: Invocation): Promise<void> {
  const { config_file, data_dir } = await resolveContextPaths(invocation);
  const database = await databaseOf(invocation, data_dir);
  const rows = { config: config_file, data: data_dir, ...(database === undefined ? {} : { database }) };
  const { json, output } = invocation;
  if (json) output.printJson(rows, 2);
  else output.print(...Object.entries(rows).map(([name, path]) => `${name.padEnd(8)}  ${path}`));
}

async function databaseOf(invocation: Invocation, data_dir: string): Promise<string | undefined> {
  try {
    const { config } = await loadContext(invocation, "hub");
    return databaseFile(config.database.path, { data_dir, cwd: invocation.cwd });
  } catch (error) {
    // Whoever asks for the path may well be about to mend the file.
    if (error instanceof ConfigError) return undefined;
    throw error;
  }
}

function show(value: unknown): string {
  if (Array.isArray(value)) return value.join(",");
  return typeof value === "string" ? value : JSON.stringify(value);
}

function unknownSetting(key: string): ConfigError {
  const origin = { kind: "flag", name: "config get" } as const;
  return new ConfigError({ origin, key, allowed: "there is no such setting; `mangahub config show` lists them" });
}
