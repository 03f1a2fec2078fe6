import { randomBytes } from "node:crypto";
import { open, readlink, rename, rm, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import * as z from "zod/mini";
import { makeFolder } from "../files/make-folder.js";
import { addressOf } from "../local/server-address.js";
import { nameKey } from "../protocol/user-id.js";
import type { Context } from "./context.js";
import { MangahubError } from "./mangahub-error.js";

const loginSchema = z.object({
  server_id: z.string(),
  url: z.string(),
  user_id: z.string(),
  username: z.string(),
  session_id: z.string(),
  token: z.string().check(z.regex(/^[\x21-\x7e]{1,512}$/)),
  issued_at: z.string(),
  expires_at: z.string(),
});

const fileSchema = z.object({ version: z.literal(1), logins: z.array(loginSchema) });

/** A login that is kept on this machine. The token is for the server of this id, at this address, and for no other. */
export type StoredLogin = Readonly<z.infer<typeof loginSchema>>;

/** Logins kept; the oldest gives way. */
const MAX_LOGINS = 100;

/** Who is logged in where: a file that nobody else may read. */
export class Credentials {
  readonly path: string;
  readonly #warn: (text: string) => void;

  constructor({ paths, output }: Pick<Context, "paths"> & { readonly output: Pick<Context["output"], "say"> }) {
    this.path = join(paths.data_dir, "credentials.json");
    this.#warn = (text) => output.say(text);
  }

  /** The last login at this address, of this name if one is given. */
  async find(url: string, username?: string): Promise<StoredLogin | undefined> {
    const address = addressOf(url);
    const here = (await this.#read()).filter((login) => addressOf(login.url) === address);
    const isOf = (login: StoredLogin) => username === undefined || nameKey(login.username) === nameKey(username);
    return here.findLast(isOf);
  }

  /** Keeps a login in the place of the same user's earlier one there, which is returned. */
  async save(login: StoredLogin): Promise<StoredLogin | undefined> {
    const logins = await this.#read();
    const earlier = logins.find((other) => isSameUser(other, login));
    await this.#write([...logins.filter((other) => other !== earlier), login].slice(-MAX_LOGINS));
    return earlier;
  }

  /** A server has another address now: logins to it are for that one. Returns how many. */
  async move(from: string, to: string): Promise<number> {
    const logins = await this.#read();
    const moved = logins.map((login) => (addressOf(login.url) === addressOf(from) ? { ...login, url: to } : login));
    const count = moved.filter((login, index) => login !== logins[index]).length;
    if (count > 0) await this.#write(moved);
    return count;
  }

  async remove(login: StoredLogin): Promise<void> {
    const logins = await this.#read();
    await this.#write(logins.filter((other) => other.session_id !== login.session_id));
  }

  async #read(): Promise<readonly StoredLogin[]> {
    const text = await this.#readText();
    if (text === undefined) return [];
    const parsed = fileSchema.safeParse(parseJson(text));
    if (parsed.success) return parsed.data.logins;
    throw new MangahubError("failure", `${this.path} cannot be read as logins`, {
      hint: "remove the file and log in anew: mangahub auth login",
    });
  }

  async #readText(): Promise<string | undefined> {
    let file;
    try {
      file = await open(this.path, "r");
    } catch (error) {
      // No such file, or no such folder.
      if (["ENOENT", "ENOTDIR"].includes(codeOf(error))) return undefined;
      throw this.#unusable(error);
    }
    try {
      const { mode, uid } = await file.stat();
      if (isOpenToOthers(mode)) await this.#close(file, uid);
      return await file.readFile("utf8");
    } finally {
      await file.close();
    }
  }

  /** Others could read it: that ends here, if the file is ours. */
  async #close(file: { chmod(mode: number): Promise<void> }, uid: number): Promise<void> {
    if (uid !== process.getuid?.()) {
      throw new MangahubError("failure", `${this.path} belongs to somebody else and can be read by others`, {
        hint: "remove the file and log in anew: mangahub auth login",
      });
    }
    const link = await readlink(this.path).catch(() => undefined);
    if (link !== undefined) {
      // Who made the link may not have meant this file, and whoever made the file did not mean this program.
      throw new MangahubError("failure", `${this.path} is a link to ${link}, which can be read by others`, {
        hint: `change that (chmod 600), or remove the link and log in anew: mangahub auth login`,
      });
    }
    await file.chmod(0o600);
    this.#warn(`${this.path} could be read by others, and no longer can; if somebody has: mangahub auth logout`);
  }

  async #write(logins: readonly StoredLogin[]): Promise<void> {
    const temporary = `${this.path}.${randomBytes(4).toString("hex")}.tmp`;
    try {
      makeFolder(dirname(this.path));
      // In one step, so that a crash leaves the old logins or the new ones, and never readable by others.
      await writeFile(temporary, `${JSON.stringify({ version: 1, logins }, null, 2)}\n`, { mode: 0o600, flag: "wx" });
      await rename(temporary, this.path);
    } catch (error) {
      throw this.#unusable(error);
    } finally {
      // What is not there need not go.
      await rm(temporary, { force: true }).catch(() => undefined);
    }
  }

  #unusable(cause: unknown): MangahubError {
    const message = `${this.path} cannot be used (${codeOf(cause)})`;
    return new MangahubError("failure", message, {
      hint: "look at the data directory, or name another: --data-dir",
      cause,
    });
  }
}

function isSameUser(one: StoredLogin, other: StoredLogin): boolean {
  const isSameServer = addressOf(one.url) === addressOf(other.url) && one.server_id === other.server_id;
  return isSameServer && one.user_id === other.user_id;
}

function codeOf(error: unknown): string {
  return error instanceof Error && "code" in error ? String(error.code) : "no reason given";
}

/** Windows has no such modes; the data directory is the user's own there. */
function isOpenToOthers(mode: number): boolean {
  return process.platform !== "win32" && (mode & 0o077) !== 0;
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    // The caller says what that means.
    return undefined;
  }
}
