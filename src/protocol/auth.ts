import * as z from "zod/mini";
import { sanitizeLine } from "./sanitize.js";

const token = z.string().check(z.minLength(1), z.maxLength(512));

/** A key that can be shown in a header as well, and is too long to be guessed. */
const newKey = z
  .string()
  .check(z.regex(/^[\x21-\x7e]{16,512}$/, { error: "a key is 16 to 512 visible ASCII characters" }));

/** The commands about who one is; they stand in the table of all commands. */
export const AUTH_COMMANDS = {
  authenticate: z.object({ token }),
  "auth.refresh": z.object({}),
  "auth.rekey": z.object({ key: token, new_key: newKey }),
} as const;

/** Bytes of the body of a request below /api/auth. */
export const MAX_AUTH_BODY_BYTES = 4096;

/** Characters of a password. */
export const PASSWORD_LENGTH = { min: 8, max: 256 } as const;

const password = z.string().check(z.maxLength(PASSWORD_LENGTH.max));

const newPassword = z
  .string()
  .check(
    z.minLength(PASSWORD_LENGTH.min, { error: `a password has at least ${PASSWORD_LENGTH.min} characters` }),
    z.maxLength(PASSWORD_LENGTH.max, { error: `a password has at most ${PASSWORD_LENGTH.max} characters` }),
  );

const label = z.optional(
  z.pipe(
    z.string().check(z.maxLength(256)),
    z.transform((text: string) => sanitizeLine(text).trim().slice(0, 80)),
  ),
);

const username = z.string().check(z.minLength(1), z.maxLength(256));

/** What the requests below /api/auth carry, by their name. Unknown fields are ignored. */
export const AUTH_REQUESTS = {
  /** `guest`: an id used so far, and its key; the account keeps the id and what belongs to it. */
  register: z.object({
    username,
    password: newPassword,
    label,
    guest: z.optional(z.object({ user_id: z.string().check(z.maxLength(64)), key: token })),
  }),
  login: z.object({ username, password, label }),
  password: z.object({ password, new_password: newPassword }),
} as const;

const user = z.object({ user_id: z.string(), username: z.string() });

/** What they are answered with. Times are RFC 3339. */
export const AUTH_ANSWERS = {
  /** Of register and login: the only time the token is ever told. */
  login: z.object({ user, session_id: z.string(), token, expires_at: z.string() }),
  refresh: z.object({ user, expires_at: z.string() }),
  whoami: z.object({ user, session_id: z.string(), created_at: z.string(), expires_at: z.string() }),
  tokens: z.object({
    tokens: z.array(
      z.object({
        session_id: z.string(),
        label: z.string(),
        created_at: z.string(),
        seen_at: z.string(),
        expires_at: z.string(),
        /** The one that asked. */
        current: z.boolean(),
      }),
    ),
  }),
  ticket: z.object({ ticket: z.string(), expires_at: z.string() }),
} as const;

export type AuthAnswer<N extends keyof typeof AUTH_ANSWERS> = Readonly<z.infer<(typeof AUTH_ANSWERS)[N]>>;
