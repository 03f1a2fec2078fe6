import { danglingLink } from "./dangling-link.js";

/** `blocked`: the disk or its permissions; `full`: a bound of ours, or the disk's; `busy`: another process holds it. */
export type UnusableReason = "damaged" | "newer" | "blocked" | "full" | "busy";

/** The user's own store cannot be used; the message says how to mend it. `cause` holds the engine's error. */
export class LocalStoreUnusable extends Error {
  override readonly name = "LocalStoreUnusable";
  readonly reason: UnusableReason;
  readonly path: string;

  constructor(reason: UnusableReason, path: string, options?: { readonly message?: string; readonly cause?: unknown }) {
    const detail = options?.cause instanceof Error ? ` (${options.cause.message})` : "";
    super(options?.message ?? `${path} ${REMEDIES[reason]}${detail}`, { cause: options?.cause });
    this.reason = reason;
    this.path = path;
  }
}

const REMEDIES: Readonly<Record<UnusableReason, string>> = {
  damaged:
    "is damaged. It holds the keys of your identities and messages not sent yet, so it is left as it is: restore it " +
    "from a backup, or save what can be read with `sqlite3 FILE .recover`, or move it away to begin anew",
  newer: "was written by a newer mangahub: update this one, or name another folder with --data-dir",
  blocked: "cannot be read and written: mend its permissions, or name another folder with --data-dir",
  full: "cannot grow: make room on the disk",
  busy: "is in use by another process that does not let go: end it, then try again",
};

const REASONS: readonly (readonly [code: RegExp, reason: UnusableReason])[] = [
  [/^SQLITE_(CORRUPT|NOTADB)/, "damaged"],
  [/^SQLITE_(BUSY|LOCKED)/, "busy"],
  [/^(SQLITE_FULL|ENOSPC|EDQUOT)/, "full"],
  [/^(SQLITE_(CANTOPEN|READONLY|IOERR|PERM|AUTH)|EACCES|EPERM|EROFS|ENOENT|ENOTDIR|EISDIR|EEXIST|ELOOP)/, "blocked"],
];

/** What an error of the engine or the file system means for the store; errors that are mistakes of ours stay as they are. */
export function toLocalStoreUnusable(error: unknown, path: string): unknown {
  const code = error instanceof Error && "code" in error ? String(error.code) : "";
  const reason = REASONS.find(([pattern]) => pattern.test(code))?.[1];
  if (reason === undefined) return error;
  const link = reason === "blocked" ? danglingLink(path) : undefined;
  if (link === undefined) return new LocalStoreUnusable(reason, path, { cause: error });
  const message = `${link}: make or mount it, or name another folder with --data-dir`;
  return new LocalStoreUnusable(reason, path, { message, cause: error });
}
