import { homedir } from "node:os";
import { join, resolve } from "node:path";
import envPaths from "env-paths";

/** Where this user's files are. All paths are absolute. */
export type Paths = {
  readonly data_dir: string;
  readonly config_file: string;
  /** True if a flag or variable names the file: then it must exist. */
  readonly config_named: boolean;
};

export type PathSources = {
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly cwd: string;
  /** `--data-dir` */
  readonly data_dir?: string;
  /** `--config` */
  readonly config_file?: string;
};

/** The file that `serve` also reads, in the directory it is started in. */
export const LOCAL_CONFIG_FILE = "mangahub.config.yaml";

export function resolvePaths(sources: PathSources): Paths {
  const usual = envPaths("mangahub", { suffix: "" });
  const { env, cwd } = sources;
  const dataDir = sources.data_dir ?? blankAsNone(env["MANGAHUB_DATA_DIR"]);
  const configFile = sources.config_file ?? blankAsNone(env["MANGAHUB_CONFIG"]);
  return {
    data_dir: resolve(cwd, expandHome(dataDir ?? usual.data)),
    config_file: resolve(cwd, expandHome(configFile ?? join(usual.config, "config.yaml"))),
    config_named: configFile !== undefined,
  };
}

/** The hub's database: the setting, relative to `cwd`, or hub.db in the data directory. */
export function databaseFile(setting: string, { data_dir, cwd }: { data_dir: string; cwd: string }): string {
  return setting === "" ? join(data_dir, "hub.db") : resolve(cwd, expandHome(setting));
}

/** `~` and `~/…` are below the home directory. */
export function expandHome(path: string): string {
  return path === "~" || path.startsWith("~/") ? join(homedir(), path.slice(1)) : path;
}

function blankAsNone(text: string | undefined): string | undefined {
  return text === "" ? undefined : text;
}
