import { createHash, randomBytes } from "node:crypto";

/** A token or ticket: 32 random bytes, in 43 characters that may stand anywhere. */
export function newSecret(): string {
  return randomBytes(32).toString("base64url");
}

/** What is kept of a secret that is random and long, so that a plain hash gives nothing away. */
export function hashOf(secret: string): string {
  return createHash("sha256").update(secret).digest("base64url");
}
