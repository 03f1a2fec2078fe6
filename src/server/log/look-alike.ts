import { nameKey } from "../../protocol/user-id.js";
import { CONFUSABLES } from "./confusables.js";

/**
 * What a name looks like: equal for two names that an eye takes for one another, such as `paypal`, `paypaI` and Cyrillic
 * `раураl`. Only ever compared, never shown. The skeleton of UTS 39, without regard to case: what is alike in
 * capitals (`ΝΑΜΙ` in Greek) and what is alike in small letters both count.
 */
export function lookAlikeKey(name: string): string {
  // Unicode has m for rn, but not w for vv.
  const key = ofAscii(name) ?? keyOf(name);
  return key.includes("vv") ? key.replaceAll("vv", "w") : key;
}

/** Whether two texts are one name: equal without regard to case, or alike to the eye. */
export function isAlike(one: string, other: string): boolean {
  return nameKey(one) === nameKey(other) || lookAlikeKey(one) === lookAlikeKey(other);
}

function keyOf(name: string): string {
  return skeleton(skeleton(name.normalize("NFKC")).toLowerCase());
}

/** What each ASCII character looks like: most names are made of them alone, and there each stands for itself. */
let asciiLooks: readonly string[] | undefined;

/** As keyOf; undefined if a character is not of ASCII. */
function ofAscii(name: string): string | undefined {
  const known = (asciiLooks ??= Array.from({ length: 128 }, (_, code) => keyOf(String.fromCharCode(code))));
  let key = "";
  for (let index = 0; index < name.length; index += 1) {
    const look = known[name.charCodeAt(index)];
    if (look === undefined) return undefined;
    key += look;
  }
  return key;
}

function skeleton(text: string): string {
  looks ??= parseLooks();
  const known = looks;
  return Array.from(text.normalize("NFD"), (letter) => known.get(letter) ?? letter)
    .join("")
    .normalize("NFD");
}

/** Read when the first name is compared: what never does so need not pay for it. */
let looks: ReadonlyMap<string, string> | undefined;

function parseLooks(): ReadonlyMap<string, string> {
  const pairs = CONFUSABLES.trim()
    .split(/\s+/)
    .flatMap((entry) => {
      const [shown = "", alike = ""] = entry.split(":", 2);
      const look = shown.split("+").map(letterOf).join("");
      return alike.split(",").map((code): [string, string] => [letterOf(code), look]);
    });
  return new Map(pairs);
}

function letterOf(code: string): string {
  return String.fromCodePoint(Number.parseInt(code, 16));
}
