import { createHmac, randomBytes } from "node:crypto";

/** The secret that an identity's keys are derived from. It never leaves this machine. */
export function newIdentitySecret(): string {
  return randomBytes(32).toString("base64url");
}

/** The key for the server at this (canonical) address: it tells nothing of the secret, nor of another address's key. */
export function deriveKey(secret: string, address: string): string {
  return createHmac("sha256", Buffer.from(secret, "base64url"))
    .update(`mangahub guest key\n${address}`)
    .digest("base64url");
}
