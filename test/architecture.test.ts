import { existsSync, readdirSync, readFileSync } from "node:fs";
import { builtinModules } from "node:module";
import { dirname, join, normalize } from "node:path";
import { fileURLToPath } from "node:url";
import { describe, expect, it } from "vitest";

/**
 * The architecture as a table: what a file may import of ours, type imports counted. The first row whose `of` matches
 * the file's path below src/ decides. A name ending in `/` is a folder with everything below it, one ending in
 * `/*.ts` only the files in it; a file may always import what its row is `of`.
 */
const MAY_IMPORT: readonly { readonly of: string; readonly ours: readonly string[] }[] = [
  { of: "protocol/", ours: [] },
  { of: "files/", ours: [] },
  { of: "config/", ours: ["files/"] },
  { of: "client/", ours: ["protocol/"] },
  { of: "chat/", ours: ["protocol/"] },
  { of: "session/", ours: ["client/", "chat/", "protocol/"] },
  { of: "local/", ours: ["session/", "protocol/", "files/"] },
  { of: "tui/", ours: ["session/", "chat/", "protocol/"] },
  { of: "web/", ours: ["session/", "chat/", "protocol/"] },
  { of: "server/telemetry/", ours: [] },
  { of: "server/request/", ours: [] },
  { of: "server/log/", ours: ["protocol/", "files/", "server/telemetry/"] },
  { of: "server/bus/", ours: ["protocol/", "server/telemetry/"] },
  { of: "server/hub/", ours: ["protocol/", "server/log/", "server/bus/", "server/telemetry/"] },
  { of: "server/auth/", ours: ["protocol/", "server/log/", "server/telemetry/"] },
  { of: "server/sockets/", ours: ["protocol/", "server/hub/", "server/auth/", "server/request/", "server/telemetry/"] },
  {
    of: "server/http/",
    ours: ["protocol/", "server/hub/", "server/log/", "server/auth/", "server/request/", "server/telemetry/"],
  },
  { of: "server/*.ts", ours: ["server/", "protocol/", "config/"] },
  { of: "cli/", ours: [""] },
  { of: "index.ts", ours: ["server/", "protocol/", "config/"] },
];

/** Where each package may be imported. A package that is not listed may be imported nowhere. */
const PACKAGE_HOMES: Readonly<Record<string, readonly string[]>> = {
  "better-sqlite3": ["local/", "server/log/"],
  chalk: ["tui/", "cli/"],
  commander: ["cli/"],
  "env-paths": ["config/"],
  hono: ["server/http/"],
  ink: ["tui/"],
  ioredis: ["server/bus/"],
  nanoid: [""],
  pg: ["server/log/", "server/bus/"],
  pino: ["server/telemetry/"],
  react: ["tui/", "web/"],
  "react-dom": ["web/"],
  ws: ["client/node-socket.ts", "server/sockets/"],
  yaml: ["config/"],
  zod: [""],
};

/** Node's own modules stay out of what also runs in a browser. */
const NODE_FREE = ["protocol/", "client/", "chat/", "session/", "web/"];
const NODE_ALLOWED = ["client/node-socket.ts"];

/** Who may write to the terminal, and how a file does that. What is printed elsewhere goes through these. */
const WRITES = /\bconsole\b|\bprocess\.std(?:out|err)\b|\.write\(/;
const MAY_WRITE = ["cli/output/", "tui/screen/"];

const MAX_LINES = 300;
const BARE_NAMES = /(^|\/)(utils?|helpers?|common|types|index)(\/|\.tsx?$)/;

const src = fileURLToPath(new URL("../src", import.meta.url));
const files = readdirSync(src, { recursive: true, encoding: "utf8" })
  .map((path) => path.replaceAll("\\", "/"))
  .filter((path) => /\.tsx?$/.test(path))
  .sort();
const texts = new Map(files.map((file) => [file, readFileSync(join(src, file), "utf8")]));
const imports = new Map([...texts].map(([file, text]) => [file, importsOf(text)]));

describe("the source", () => {
  it("is there", () => {
    expect(files.length).toBeGreaterThan(10);
    expect([...imports.values()].flat().length).toBeGreaterThan(10);
  });

  it("imports of ours only what the table allows", () => {
    expect(eachImport(layerBreach)).toEqual([]);
  });

  it("imports each package only where it is at home", () => {
    expect(eachImport(packageBreach)).toEqual([]);
  });

  it("has no cycle of imports", () => {
    expect(findCycle()).toBeUndefined();
  });

  it(`has no file over ${MAX_LINES} lines`, () => {
    const long = [...texts].filter(([, text]) => text.split("\n").length - 1 > MAX_LINES);
    expect(long.map(([file]) => file)).toEqual([]);
  });

  it("writes to the terminal in the printing code of the command line and of the full screen alone", () => {
    const writers = [...texts]
      .filter(([file]) => ["cli/", "tui/", "session/", "chat/", "local/"].some((place) => isBelow(file, place)))
      .filter(([, text]) => WRITES.test(withoutComments(text)))
      .map(([file]) => file);
    const allowed = MAY_WRITE;
    expect(writers.filter((file) => !allowed.some((place) => isBelow(file, place)))).toEqual([]);
    for (const place of allowed)
      expect(
        writers.some((file) => isBelow(file, place)),
        place,
      ).toBe(true);
  });

  it("hands the bare terminal to the full screen alone", () => {
    const takers = [...texts].filter(([, text]) => text.includes("takeTerminal()")).map(([file]) => file);
    expect(takers).toEqual(["cli/commands/chat-join.ts", "cli/output/output.ts"]);
  });

  it("draws plain lines with ASCII alone", () => {
    const drawn = [...texts].filter(
      ([file, text]) => isBelow(file, "cli/") && /[^\0-\x7f]/.test(withoutComments(text)),
    );
    expect(drawn.map(([file]) => file)).toEqual([]);
  });

  it("has no file or folder for things without a name, and no barrel but the package's face", () => {
    expect(files.filter((file) => BARE_NAMES.test(file) && file !== "index.ts")).toEqual([]);
  });
});

describe("the reader of imports", () => {
  it("sees every form of import, and none in comments and texts", () => {
    const text = [
      'import a from "a";',
      'import type { B } from "./b.js";',
      'import {\n  c,\n  type D,\n} from "c";',
      'export { e } from "./e.js";',
      'export * from "f";',
      'import "g";',
      'const h = await import("h");',
      'type I = import("i").I;',
      '// import j from "j";',
      '/** import k from "k"; */',
      "const l = \"import m from 'm'\";",
    ].join("\n");
    expect(importsOf(text)).toEqual(["a", "./b.js", "c", "./e.js", "f", "g", "h", "i"]);
  });
});

function importsOf(text: string): string[] {
  const code = withoutComments(text);
  const forms =
    /(?:^|;)\s*(?:import|export)\s[^"';]*?from\s+["']([^"']+)["']|(?:^|;)\s*import\s+["']([^"']+)["']|\bimport\(\s*["']([^"']+)["']\s*\)/gm;
  return [...code.matchAll(forms)].map((found) => found[1] ?? found[2] ?? found[3] ?? "");
}

function withoutComments(text: string): string {
  return text.replace(/\/\*[\s\S]*?\*\//g, "").replace(/^\s*\/\/.*$/gm, "");
}

function eachImport(breach: (file: string, specifier: string) => string | undefined): string[] {
  return [...imports].flatMap(([file, specifiers]) =>
    specifiers.flatMap((specifier) => {
      const why = breach(file, specifier);
      return why === undefined ? [] : [`src/${file} imports ${specifier}: ${why}`];
    }),
  );
}

function layerBreach(file: string, specifier: string): string | undefined {
  if (!specifier.startsWith(".")) return undefined;
  const target = targetOf(file, specifier);
  if (target === undefined) return "there is no such file";
  const row = MAY_IMPORT.find(({ of }) => isBelow(file, of));
  if (row === undefined) return "its folder has no row in the table";
  if ([row.of, ...row.ours].some((place) => isBelow(target, place))) return undefined;
  return `${row.of} may import ${row.ours.length === 0 ? "nothing else of ours" : `only ${row.ours.join(", ")}`}`;
}

function packageBreach(file: string, specifier: string): string | undefined {
  if (specifier.startsWith(".")) return undefined;
  const name = specifier
    .split("/")
    .slice(0, specifier.startsWith("@") ? 2 : 1)
    .join("/");
  if (specifier.startsWith("node:")) {
    const free = NODE_FREE.some((place) => isBelow(file, place)) && !NODE_ALLOWED.includes(file);
    return free ? "this folder also runs in a browser" : undefined;
  }
  if (builtinModules.includes(name)) return `write node:${name}`;
  const homes = Object.hasOwn(PACKAGE_HOMES, name) ? PACKAGE_HOMES[name] : undefined;
  if (homes === undefined) return "the package has no row in the table";
  return homes.some((place) => isBelow(file, place)) ? undefined : `it belongs to ${homes.join(", ")}`;
}

function isBelow(file: string, place: string): boolean {
  if (place.endsWith("/*.ts")) return `${dirname(file)}/*.ts` === place;
  return place === "" || place === file || (place.endsWith("/") && file.startsWith(place));
}

/** The file below src/ that a relative import means; package.json counts as none of ours. */
function targetOf(file: string, specifier: string): string | undefined {
  const path = normalize(join(dirname(file), specifier));
  const candidates = [path.replace(/\.js$/, ".ts"), path.replace(/\.js$/, ".tsx")];
  return candidates.find((candidate) => existsSync(join(src, candidate)));
}

function findCycle(): string | undefined {
  const done = new Set<string>();
  const visit = (file: string, trail: readonly string[]): string | undefined => {
    if (trail.includes(file)) return [...trail.slice(trail.indexOf(file)), file].join(" > ");
    if (done.has(file)) return undefined;
    for (const specifier of imports.get(file) ?? []) {
      const target = specifier.startsWith(".") ? targetOf(file, specifier) : undefined;
      const cycle = target === undefined ? undefined : visit(target, [...trail, file]);
      if (cycle !== undefined) return cycle;
    }
    done.add(file);
    return undefined;
  };
  for (const file of files) {
    const cycle = visit(file, []);
    if (cycle !== undefined) return cycle;
  }
  return undefined;
}
