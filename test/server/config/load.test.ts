import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { type ConfigSources, type LoadedConfig, loadConfig, type SettingFlag } from "../../../src/config/load.js";
import { resolvePaths } from "../../../src/config/paths.js";
import { temporaryDirectory } from "../../support/temporary-directory.js";

type Given = {
  readonly reader?: ConfigSources["reader"];
  readonly env?: Record<string, string>;
  readonly flags?: readonly SettingFlag[];
  readonly user?: string;
  readonly local?: string;
};

async function load(given: Given): Promise<LoadedConfig & { readonly directory: string }> {
  const directory = await temporaryDirectory();
  const cwd = join(directory, "work");
  await mkdir(cwd);
  const env = { ...given.env, MANGAHUB_CONFIG: join(directory, "config.yaml") };
  await writeFile(env.MANGAHUB_CONFIG, given.user ?? "");
  if (given.local !== undefined) await writeFile(join(cwd, "mangahub.config.yaml"), given.local);
  const paths = resolvePaths({ env, cwd });
  const loaded = await loadConfig({ reader: given.reader ?? "hub", flags: given.flags ?? [], env, cwd, paths });
  return { ...loaded, directory };
}

const port = (text: string): string => `websocket:\n  port: ${text}\n`;
const portFlag = (text: string): SettingFlag => ({ key: "websocket.port", flag: "--port", text });

describe("the settings of a hub", () => {
  it("are taken from flags, environment, the user's file, the directory's file and the defaults, in this order", async () => {
    const layers: Given[] = [
      {},
      { local: port("1") },
      { local: port("1"), user: port("2") },
      { local: port("1"), user: port("2"), env: { PORT: "3" } },
      { local: port("1"), user: port("2"), env: { PORT: "3", MANGAHUB_WEBSOCKET_PORT: "4" } },
      { local: port("1"), user: port("2"), env: { MANGAHUB_WEBSOCKET_PORT: "4" }, flags: [portFlag("5")] },
    ];
    const ports: number[] = [];
    for (const layer of layers) ports.push((await load(layer)).config.websocket.port);
    expect(ports).toEqual([9093, 1, 2, 3, 4, 5]);
  });

  it("may be those of other hubs: their block loads unchanged, up to its frame of 10 MiB", async () => {
    const block = `websocket:
  write_wait: 10s
  pong_wait: 60s
  ping_period: 54s
  read_buffer_size: 1024
  write_buffer_size: 1024
  max_message_size: 10485760  # 10MB
  client_buffer_size: 256
  cleanup_interval: 30s
  stale_connection_timeout: 90s
  register_buffer: 256
  unregister_buffer: 256
  broadcast_buffer: 1024
`;
    const { config, warnings } = await load({ local: block });
    const usual = (await load({})).config;
    expect(warnings).toEqual([]);
    const written = { max_message_size: 10 * 1024 * 1024, ping_period: 54_000 };
    expect(config).toEqual({ ...usual, websocket: { ...usual.websocket, ...written } });
  });

  it("refuse sizes that would bound nothing, with the reason and the line", async () => {
    const cases = [
      ["read_buffer_size: 4096", /:2: websocket\.read_buffer_size is 4096; allowed: 1024 only, for it bounds nothing/],
      ["write_buffer_size: 4096", /:2: websocket\.write_buffer_size is 4096; allowed: 1024 only.*256 KiB/],
      ["unregister_buffer: 1", /:2: websocket\.unregister_buffer is 1; allowed: 256 only.*forgotten at once/],
      ["register_buffer: 0", /:2: websocket\.register_buffer is 0; allowed: a whole number from 1 to 65536/],
      ["broadcast_buffer: 65537", /:2: websocket\.broadcast_buffer is 65537; allowed: a whole number from 1 to 65536/],
    ] as const;
    for (const [line, message] of cases) {
      await expect(load({ local: `websocket:\n  ${line}\n` })).rejects.toThrow(message);
    }
    const variable = load({ env: { MANGAHUB_WEBSOCKET_READ_BUFFER_SIZE: "2048" } });
    await expect(variable).rejects.toThrow(/^MANGAHUB_WEBSOCKET_READ_BUFFER_SIZE: .* allowed: 1024 only/);
  });

  it("say where each value came from", async () => {
    const { sources, directory } = await load({ user: "# a\nlinger: 5s\n", env: { MANGAHUB_LOG_LEVEL: "warn" } });
    const file = join(directory, "config.yaml");
    expect(sources.get("linger")).toEqual({ written: "5s", origin: { kind: "file", name: file, line: 2 } });
    expect(sources.get("log.level")?.origin).toEqual({ kind: "environment", name: "MANGAHUB_LOG_LEVEL" });
    expect(sources.get("websocket.port")?.origin.kind).toBe("default");
  });

  it("ignore what the directory's file says about clients, and say so", async () => {
    const { config, warnings } = await load({ local: "client:\n  server: ws://evil.example\nlinger: 7s\n" });
    expect(config.client.server).toBe("");
    expect(config.linger).toBe(7000);
    expect(warnings).toEqual([expect.stringMatching(/mangahub\.config\.yaml: `client` is ignored in this file/)]);
  });

  it("are refused with file and line", async () => {
    await expect(load({ local: `# x\n${port("99999")}` })).rejects.toThrow(
      /mangahub\.config\.yaml:3: websocket\.port is 99999; allowed: a whole number from 0 to 65535$/,
    );
    await expect(load({ user: "client:\n  nmae: x\n" })).rejects.toThrow(/config\.yaml:2: client\.nmae: there is no/);
    await expect(load({ env: { MANGAHUB_LINGER: "soon" } })).rejects.toThrow('MANGAHUB_LINGER: linger is "soon"');
    await expect(load({ flags: [portFlag("-1")] })).rejects.toThrow("--port: websocket.port is -1");
  });

  it("blame whichever of two contradicting settings was set", async () => {
    await expect(load({ user: "websocket:\n  pong_wait: 20s\n" })).rejects.toThrow(
      /config\.yaml:2: websocket\.ping_period is "25s"; allowed: less than websocket\.pong_wait \(20s\)/,
    );
  });

  it("are not read from a huge file", async () => {
    await expect(load({ user: `# ${"x".repeat(1024 * 1024)}` })).rejects.toThrow(
      /config\.yaml: the file is 1048578 bytes/,
    );
  });
});

describe("the settings of a client", () => {
  it("take nothing from the directory's file and from PORT", async () => {
    const { config, warnings } = await load({ reader: "client", local: "nonsense: [", env: { PORT: "1" } });
    expect(config.websocket.port).toBe(9093);
    expect(warnings).toEqual([]);
  });

  it("need a file that is named to be there", async () => {
    const cwd = await temporaryDirectory();
    const paths = resolvePaths({ env: {}, cwd, config_file: "none.yaml" });
    const sources = { reader: "client", flags: [], env: {}, cwd, paths } as const;
    await expect(loadConfig(sources)).rejects.toThrow(/none\.yaml: there is no such file/);
    await expect(loadConfig({ ...sources, paths: { ...paths, config_named: false } })).resolves.toBeDefined();
  });
});
