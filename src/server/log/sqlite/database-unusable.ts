/**
 * Why a database cannot be used. `older`: only a reader that may not migrate it says so. `gone`: its file is not the one
 * that was open before, or was taken from its WAL.
 */
export type UnusableReason = "not_writable" | "corrupt" | "newer" | "older" | "gone" | "io";

type Unusable = {
  readonly reason: UnusableReason;
  readonly path: string;
  readonly message: string;
  readonly cause?: unknown;
};

/** The database at `path` cannot be opened; the message says what to do. */
export class DatabaseUnusable extends Error {
  override readonly name = "DatabaseUnusable";
  readonly reason: UnusableReason;
  readonly path: string;

  constructor({ reason, path, message, cause }: Unusable) {
    super(message, cause === undefined ? undefined : { cause });
    this.reason = reason;
    this.path = path;
  }
}

/** Says what an error of the engine or the file system means for who wanted to open `path`. */
export function toDatabaseUnusable(error: unknown, path: string): DatabaseUnusable {
  if (error instanceof DatabaseUnusable) return error;
  const reason = reasonOf(errorCode(error) ?? "");
  const said = error instanceof Error ? error.message : String(error);
  return new DatabaseUnusable({ reason, path, message: adviceFor({ reason, path, said }), cause: error });
}

/** The `code` of an engine's or a system's error. */
export function errorCode(error: unknown): string | undefined {
  return error instanceof Error && "code" in error && typeof error.code === "string" ? error.code : undefined;
}

const NOT_WRITABLE = /^(SQLITE_(READONLY|CANTOPEN|PERM|AUTH)|E(ACCES|PERM|ROFS|NOTDIR|ISDIR|EXIST))/;

function reasonOf(code: string): "not_writable" | "corrupt" | "io" {
  if (/^SQLITE_(NOTADB|CORRUPT)/.test(code)) return "corrupt";
  return NOT_WRITABLE.test(code) ? "not_writable" : "io";
}

type Advice = { readonly reason: "not_writable" | "corrupt" | "io"; readonly path: string; readonly said: string };

function adviceFor({ reason, path, said }: Advice): string {
  switch (reason) {
    case "corrupt":
      return `${path} is damaged or not a database: ${said} (restore it from a backup, move it away, or name another file with --database)`;
    case "not_writable":
      return `the database ${path} cannot be opened for writing: ${said} (make the file and its folder writable, or name another file with --database)`;
    case "io":
      return `the database ${path} cannot be opened: ${said} (check the disk, or name another file with --database)`;
  }
}
