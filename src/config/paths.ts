import { homedir, userInfo } from "node:os";
import { isAbsolute, join, resolve } from "node:path";
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
  const usual = usualFolders();
  const { env, cwd } = sources;
  const dataDir = sources.data_dir ?? blankAsNone(env["MANGAHUB_DATA_DIR"]);
  const configFile = sources.config_file ?? blankAsNone(env["MANGAHUB_CONFIG"]);
  return {
    data_dir: resolve(cwd, expandHome(dataDir ?? usual.data)),
    config_file: resolve(cwd, expandHome(configFile ?? join(usual.config, "config.yaml"))),
    config_named: configFile !== undefined,
  };
}

/**
 * Where this system keeps such files. Folders that the environment names by a path that is not absolute are ignored, as the
 * XDG specification has it: they would be other ones in every working directory.
 */
function usualFolders(): { readonly data: string; readonly config: string } {
  const { data, config } = envPaths("mangahub", { suffix: "" });
  const [ownData, ownConfig] =
    process.platform === "darwin"
      ? ["Library/Application Support", "Library/Preferences"]
      : [".local/share", ".config"];
  return {
    data: isAbsolute(data) ? data : join(homeFolder(), ownData, "mangahub"),
    config: isAbsolute(config) ? config : join(homeFolder(), ownConfig, "mangahub"),
  };
}

/** HOME, if it is absolute; else the one in the system's list of users. */
function homeFolder(): string {
  const home = homedir();
  return isAbsolute(home) ? home : userInfo().homedir;
}

/** The hub's database: the setting, relative to `cwd`, or hub.db in the data directory. */
export function databaseFile(setting: string, { data_dir, cwd }: { data_dir: string; cwd: string }): string {
  return setting === "" ? join(data_dir, "hub.db") : resolve(cwd, expandHome(setting));
}

/** `~` and `~/…` are below the home directory. */
export function expandHome(path: string): string {
  return path === "~" || path.startsWith("~/") ? join(homeFolder(), path.slice(1)) : path;
}

function blankAsNone(text: string | undefined): string | undefined {
  return text === "" ? undefined : text;
}
