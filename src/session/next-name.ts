import { ClientError } from "../client/client-error.js";
import { LIMITS } from "../protocol/limits.js";

/** The name to try when one is taken: name_2, then name_3 …; a long one is cut so that it stays a name. */
export function nextName(username: string): string {
  const numbered = /^(.*)_([2-9]|[1-9]\d{1,3})$/su.exec(username);
  const number = numbered === null ? 2 : Number(numbered[2]) + 1;
  const suffix = `_${number}`;
  const base = Array.from(numbered?.[1] ?? username).slice(0, LIMITS.maxUsernameLength - suffix.length);
  return base.join("").trimEnd() + suffix;
}

/** name, name_2 … name_9 are tried. */
const MAX_NAMES = 9;

/** Runs `connect` under this name or, while somebody else holds it, the next one. Rejects with ClientError if all are taken. */
export async function withFreeName<T>(username: string, connect: (username: string) => Promise<T>): Promise<T> {
  for (let name = username, attempt = 1; ; name = nextName(name), attempt += 1) {
    try {
      return await connect(name);
    } catch (error) {
      const isTaken = error instanceof ClientError && error.code === "name_taken";
      if (!isTaken) throw error;
      if (attempt === MAX_NAMES) {
        const message = `the name ${username} is taken, and so are ${nextName(username)} to ${name}`;
        throw new ClientError("name_taken", message, { cause: error });
      }
    }
  }
}
