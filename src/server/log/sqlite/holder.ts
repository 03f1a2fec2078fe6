// Who has a database: beside the file, for whoever finds it locked, and in the file, under whatever name it is reached.
import { readFileSync } from "node:fs";
import * as z from "zod";
import { errorCode } from "./database-unusable.js";

const holderSchema = z.object({
  pid: z.int(),
  version: z.string(),
  /** RFC 3339. */
  since: z.string(),
  url: z.string().optional(),
  /** It ends by itself so long after its last client has left, ms. */
  linger_ms: z.number().optional(),
  /** The machine, and the name under which it opened the file, where these were read in the file itself. */
  host: z.string().optional(),
  path: z.string().optional(),
});

/** Who has a database. `url` is there once it listens. */
export type Holder = Readonly<z.infer<typeof holderSchema>>;

const claimSchema = holderSchema.extend({
  host: z.string(),
  path: z.string(),
  /** Tells one opening from every other. */
  token: z.string(),
});

/** What a hub writes into the database that it opens, and removes when it ends. */
export type Claim = Readonly<z.infer<typeof claimSchema>>;

/** Another hub has the database. `holder` is missing if it died, or started, within this moment. */
export class DatabaseLocked extends Error {
  override readonly name = "DatabaseLocked";
  readonly path: string;
  readonly holder: Holder | undefined;

  constructor(path: string, holder: Holder | undefined) {
    super(
      `the database ${path} is in use by ${describe(holder, path)} (stop it first, or name another file with --database)`,
    );
    this.path = path;
    this.holder = holder;
  }
}

/** Who said last that it holds the database at `path`. It may have been killed since. */
export function readHolder(path: string): Holder | undefined {
  try {
    return holderSchema.parse(JSON.parse(readFileSync(`${path}.holder`, "utf8")));
  } catch {
    // Missing, or not written by us: nobody says anything, and the lock alone decides.
    return undefined;
  }
}

/** Undefined for what is no claim. */
export function parseClaim(text: string): Claim | undefined {
  try {
    return claimSchema.parse(JSON.parse(text));
  } catch {
    return undefined;
  }
}

/** Whether a process of this machine is there. */
export function isAlive(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch (error) {
    return errorCode(error) === "EPERM";
  }
}

function describe(holder: Holder | undefined, path: string): string {
  if (holder === undefined) return "another hub";
  const { pid, url, since, linger_ms } = holder;
  const name =
    holder.path === undefined || holder.path === path ? "" : `, under the name ${holder.path} on ${holder.host}`;
  const kind = linger_ms === undefined ? "the hub" : "the background hub";
  const place = url === undefined ? "" : `, at ${url}`;
  const end =
    linger_ms === undefined
      ? ""
      : `, as mangahub chat starts them: it ends ${linger_ms / 1000} s after the last one has left`;
  return `${kind} with process id ${pid}${place}${name}, since ${since}${end}`;
}
