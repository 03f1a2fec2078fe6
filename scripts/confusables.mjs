// Makes src/server/log/confusables.ts from Unicode's security/confusables.txt (UTS 39): node scripts/confusables.mjs FILE
// Kept is what can stand in a name: letters, marks and digits as they are after NFKC and NFD.
import { readFileSync, writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";

const WIDTH = 116;
const [file] = process.argv.slice(2);
if (file === undefined) throw new Error("name Unicode's confusables.txt");

const text = readFileSync(file, "utf8");
const version = /^# Version: (\S+)/m.exec(text)?.[1] ?? "unknown";
const sources = new Map();
for (const [, from, to] of text.matchAll(/^([0-9A-F]+)\s*;\s*([0-9A-F ]+?)\s*;\s*MA\b/gm)) {
  const letter = String.fromCodePoint(Number.parseInt(from, 16));
  const folded = letter.normalize("NFKC").normalize("NFD");
  const isVisible = !/\p{Default_Ignorable_Code_Point}/u.test(letter);
  if (folded !== letter || !isVisible || !/^[\p{L}\p{M}\p{Nd}_·・-]$/u.test(letter)) continue;
  const target = to.toLowerCase().split(" ").map(trimmed).join("+");
  sources.set(target, [...(sources.get(target) ?? []), trimmed(from.toLowerCase())]);
}

const lines = [""];
for (const [target, letters] of [...sources].sort(([one], [other]) => (one < other ? -1 : 1))) {
  const word = `${target}:${letters.join(",")}`;
  const line = lines.at(-1);
  if (line.length + word.length + 1 > WIDTH && line !== "") lines.push(word);
  else lines[lines.length - 1] = line === "" ? word : `${line} ${word}`;
}

function trimmed(code) {
  return code.replace(/^0+(?=.)/, "");
}

const module = `/**
 * Letters that look like others, from Unicode's confusables.txt ${version}: \`shown:alike,alike\`, code points in hex. Made by
 * scripts/confusables.mjs; not to be edited. Unicode data files are © Unicode, Inc., used under the Unicode License
 * (https://www.unicode.org/license.txt).
 */
export const CONFUSABLES = \`
${lines.join("\n")}
\`;
`;
writeFileSync(fileURLToPath(new URL("../src/server/log/confusables.ts", import.meta.url)), module);
