import { existsSync, readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { DOCUMENT } from "./document.js";
import { type Proof, PROOFS } from "./proofs.js";

const TESTS = new URL("../../", import.meta.url);

/** What is wrong with a proof; undefined if its file has exactly one such test, and runs it. */
function faultOf({ file, title }: Proof): string | undefined {
  const path = new URL(file, TESTS);
  if (!existsSync(path)) return `${file} is not there`;
  const text = readFileSync(path, "utf8");
  // Template literals stand in the source as they are written; formatted titles as their pattern.
  const quoted = title.replace(/[.*+?^${}()|[\]\\]/g, "\\$&");
  const found = [
    ...text.matchAll(new RegExp(`([\\w.]+|[\\w.]+\\([^"\`]*|\\])\\)?\\(\\s*["\`]${quoted}(?:["\`]|\\$\\{)`, "g")),
  ];
  if (found.length !== 1) return `${file} has ${found.length} tests «${title}»`;
  return /\.(skip|todo|only|fails)$/.test(found[0]?.[1] ?? "") ? `${file} does not run «${title}»` : undefined;
}

describe("the document of the WebSocket service", () => {
  it("has the tables that it is known for", () => {
    const sizes = ["Client → Server Messages", "Server → Client Messages", "Subscription Topics", "Configuration"];
    expect(sizes.map((section) => DOCUMENT[section]?.length)).toEqual([14, 19, 6, 12]);
    expect(Object.values(DOCUMENT).every((rows) => rows.length > 0)).toBe(true);
    expect(Object.keys(PROOFS)).toEqual(Object.keys(DOCUMENT));
  });

  it.each(Object.entries(DOCUMENT))("has for each row of «%s» a test that shows it", (section, rows) => {
    const proofs = PROOFS[section] ?? {};
    expect(Object.keys(proofs)).toEqual(rows);
    const shown = Object.values(proofs).flatMap((proof) => ("later" in proof ? [] : proof));
    expect(shown.flatMap((proof) => faultOf(proof) ?? [])).toEqual([]);
    expect(Object.values(proofs).every((proof) => "later" in proof || proof.length > 0)).toBe(true);
  });

  it.each(["Client → Server Messages", "Server → Client Messages"])(
    "has tests that use each type of «%s»",
    (section) => {
      const unused = Object.entries(PROOFS[section] ?? {}).filter(([type, proof]) => {
        const files = "later" in proof ? [] : proof.map(({ file }) => readFileSync(new URL(file, TESTS), "utf8"));
        return !files.some((text) => text.includes(`"${type}"`));
      });
      expect(unused.map(([type]) => type)).toEqual([]);
    },
  );

  it("leaves for later only what needs another machine or another wire format", () => {
    const later = Object.values(PROOFS).flatMap((rows) => Object.entries(rows).filter(([, proof]) => "later" in proof));
    expect(later.map(([row]) => row)).toEqual([
      "Horizontal Scaling: Can run multiple instances with Redis pub/sub for cross-instance messaging",
      "Redis pub/sub for multi-instance deployment",
      "Binary message support (protobuf)",
    ]);
  });
});
