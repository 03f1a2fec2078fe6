import { type BigIntStats, statSync } from "node:fs";

/** Device and inode of the file at `path`; undefined if there is none. Throws nothing. */
export function fileId(path: string): string | undefined {
  const stats = fileStats(path);
  return stats === undefined ? undefined : idOf(stats);
}

export function idOf({ dev, ino }: BigIntStats): string {
  return `${dev}:${ino}`;
}

/** Undefined if there is no file, or it cannot be asked for. */
export function fileStats(path: string): BigIntStats | undefined {
  try {
    return statSync(path, { bigint: true, throwIfNoEntry: false });
  } catch {
    // Its folder is gone, or closed to us.
    return undefined;
  }
}
