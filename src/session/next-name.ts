import { LIMITS } from "../protocol/limits.js";

/** The name to try when one is taken: name_2, then name_3 …; a long one is cut so that it stays a name. */
export function nextName(username: string): string {
  const numbered = /^(.*)_([2-9]|[1-9]\d{1,3})$/su.exec(username);
  const number = numbered === null ? 2 : Number(numbered[2]) + 1;
  const suffix = `_${number}`;
  const base = Array.from(numbered?.[1] ?? username).slice(0, LIMITS.maxUsernameLength - suffix.length);
  return base.join("").trimEnd() + suffix;
}
