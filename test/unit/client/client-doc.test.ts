import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";

const page = readFileSync(new URL("../../../docs/client.md", import.meta.url), "utf8");

function source(name: string): string {
  return readFileSync(new URL(`../../../src/client/${name}`, import.meta.url), "utf8");
}

/** The first cells of the table below a heading, without the backticks. */
function documented(heading: string): string[] {
  const [, text = ""] = page.split(`\n## ${heading}\n`);
  const [ours = ""] = text.split("\n## ");
  return [...ours.matchAll(/^\| `(\w+)` \|/gm)].map(([, name = ""]) => name);
}

/** The fields of an object type, in the order they are written. */
function fieldsOf(type: string, text: string): string[] {
  const body = new RegExp(`^export type ${type} = \\{\\n(.*?)^\\};`, "ms").exec(text)?.[1] ?? "";
  return [...body.matchAll(/^ {2}readonly (\w+)\??:/gm)].map(([, name = ""]) => name);
}

/** The public methods of a class, in the order they are written. */
function methodsOf(text: string): string[] {
  const names = [...text.matchAll(/^ {2}(?:async )?(\w+)\(.*\{$|^ {2}async (\w+)\($/gm)];
  return names.map(([, name, other]) => name ?? other ?? "").filter((name) => name !== "constructor");
}

describe("docs/client.md", () => {
  it("lists every option of the client and no other", () => {
    expect(documented("Constructor")).toEqual(fieldsOf("ClientOptions", source("client-options.ts")));
  });

  it("lists every callback and no other", () => {
    expect(documented("Callbacks")).toEqual(fieldsOf("ClientCallbacks", source("client-callbacks.ts")));
  });

  it("lists every method and no other", () => {
    const methods = [...methodsOf(source("websocket-client.ts")), ...methodsOf(source("client-commands.ts"))];
    expect(documented("Methods").sort()).toEqual(methods.sort());
  });

  it("lists every error code of the client's own and no other", () => {
    const [, union = ""] = /ClientErrorCode = ErrorCode \|([^;]+);/.exec(source("client-error.ts")) ?? [];
    const codes = [...union.matchAll(/"(\w+)"/g)].map(([, code = ""]) => code);
    expect(documented("Errors").sort()).toEqual(codes.sort());
  });
});
