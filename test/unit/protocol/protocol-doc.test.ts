import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import type * as z from "zod/mini";
import { CLOSE_CODES } from "../../../src/protocol/close-code.js";
import { COMMAND_PAYLOADS } from "../../../src/protocol/command.js";
import { RESERVED_TYPES, RESERVED_WORDS } from "../../../src/protocol/custom.js";
import { ERROR_CODES } from "../../../src/protocol/error-code.js";
import { EVENT_PAYLOADS, resumeResultSchema } from "../../../src/protocol/event.js";
import { decodeCommand, decodeEvent, PROTOCOL_VERSION, SUBPROTOCOL } from "../../../src/protocol/frame.js";
import { LIMITS } from "../../../src/protocol/limits.js";

const page = readFileSync(new URL("../../../docs/protocol.md", import.meta.url), "utf8");

/** The text below a heading, up to the next one of its level or above. */
function section(heading: RegExp, text = page): string {
  const start = text.search(heading);
  if (start < 0) throw new Error(`docs/protocol.md has no heading ${heading}`);
  const level = text.slice(start).indexOf(" ");
  const [, ...lines] = text.slice(start).split("\n");
  const end = lines.findIndex((line) => new RegExp(`^#{1,${level}} `).test(line));
  return lines.slice(0, end < 0 ? undefined : end).join("\n");
}

/** The rows of the first table whose first cell is code, without the backticks. */
function rows(text: string): string[][] {
  return [...text.matchAll(/^\| `([^`]+)` \|(.*)\|$/gm)].map(([, first = "", rest = ""]) => [
    first,
    ...rest.split(" |").map((cell) => cell.trim()),
  ]);
}

type ObjectSchema = { readonly shape: Readonly<Record<string, z.ZodMiniType>> };

/** Field → whether it is needed, by the schema. */
function fieldsOf({ shape }: ObjectSchema): Record<string, string> {
  const fields = Object.entries(shape);
  return Object.fromEntries(fields.map(([name, field]) => [name, field.safeParse(undefined).success ? "no" : "yes"]));
}

function documentedFields(text: string): Record<string, string> {
  return Object.fromEntries(rows(text).map(([name = "", needed = ""]) => [name, needed]));
}

function headingsIn(text: string): string[] {
  return [...text.matchAll(/^### `([^`]+)`$/gm)].map(([, type = ""]) => type);
}

describe("docs/protocol.md", () => {
  const commands = section(/^## 6 Commands$/m);
  const events = section(/^## 7 Events$/m);

  it("describes every command and no other", () => {
    expect(headingsIn(commands)).toEqual(Object.keys(COMMAND_PAYLOADS));
  });

  it("describes every event and no other", () => {
    expect(headingsIn(events)).toEqual(Object.keys(EVENT_PAYLOADS));
  });

  it.each(Object.entries(COMMAND_PAYLOADS))("lists the fields of the command %s", (type, schema) => {
    expect(documentedFields(section(new RegExp(`^### \`${type}\`$`, "m"), commands))).toEqual(fieldsOf(schema));
  });

  it.each(Object.entries(EVENT_PAYLOADS))("lists the fields of the event %s", (type, schema) => {
    expect(documentedFields(section(new RegExp(`^### \`${type}\`$`, "m"), events))).toEqual(fieldsOf(schema));
  });

  it("lists the four results of a resume with their fields", () => {
    const documented = rows(section(/^## 8 Resume$/m)).map(([status = "", fields = ""]) => {
      const named = [...fields.matchAll(/`([a-z]+\??)`/g)].map(([, name = ""]) => name);
      return [status, ["room_id", "status", ...named].toSorted()];
    });
    const known = resumeResultSchema.def.options.map((option) => {
      const fields = Object.entries(fieldsOf(option)).map(([name, needed]) => (needed === "yes" ? name : `${name}?`));
      return [option.shape.status.def.values[0], fields.toSorted()];
    });
    expect(documented).toEqual(known);
  });

  it("lists the words and types that are reserved", () => {
    const text = section(/^### Types that are not the hub's own$/m);
    const named = (line = "") => [...line.matchAll(/`([a-z.]+)`/g)].map(([, name]) => name);
    expect(named(/^`auth.*$/m.exec(text)?.[0])).toEqual([...RESERVED_WORDS]);
    expect(named(/^Reserved.*$/m.exec(text)?.[0])).toEqual([...RESERVED_TYPES]);
  });

  it("lists every error code with its advice and meaning", () => {
    const known = Object.entries(ERROR_CODES).map(([code, { retryable, meaning }]) => {
      return [code, retryable ? "yes" : "no", meaning];
    });
    expect(rows(section(/^## 11 Error codes$/m))).toEqual(known);
  });

  it("lists every close code with its advice and meaning", () => {
    const known = Object.entries(CLOSE_CODES).map(([code, { name, reconnect, meaning }]) => {
      return [code, name, reconnect, meaning];
    });
    expect(rows(section(/^## 12 Close codes$/m))).toEqual(known);
  });

  it("lists every limit with its value", () => {
    const documented = rows(section(/^## 10 Limits$/m)).map(([name, value]) => [name, Number(value)]);
    expect(documented).toEqual(Object.entries(LIMITS));
  });

  it("names the subprotocol and the version", () => {
    expect(page).toContain(`Version ${PROTOCOL_VERSION} of the protocol, subprotocol \`${SUBPROTOCOL}\``);
  });

  it("has examples that this version understands", () => {
    const text = section(/^## 14 Examples$/m).replaceAll(/\n {3}/g, "");
    const frames = [...text.matchAll(/^([→←]) (\{.*"type".*\})$/gm)].filter(([line]) => !/\{…|,…/.test(line));
    expect(frames.length).toBeGreaterThan(9);
    for (const [, side, frame = ""] of frames) {
      expect(side === "→" ? decodeCommand(frame) : decodeEvent(frame), frame).toMatchObject({ ok: true });
    }
  });
});
