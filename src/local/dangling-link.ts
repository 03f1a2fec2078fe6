import { existsSync, readlinkSync } from "node:fs";
import { dirname } from "node:path";

/** A sentence on the link at this path, or at a folder above it, that leads to nothing; undefined if there is none. */
export function danglingLink(path: string): string | undefined {
  const target = existsSync(path) ? undefined : targetOf(path);
  if (target !== undefined) return `${path} is a link to ${target}, which is not there`;
  const above = dirname(path);
  return above === path ? undefined : danglingLink(above);
}

function targetOf(path: string): string | undefined {
  try {
    return readlinkSync(path);
  } catch {
    // Nothing is there, or no link.
    return undefined;
  }
}
