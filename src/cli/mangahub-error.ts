import type { ExitName } from "./exit-code.js";

type Details = { readonly hint?: string; readonly cause?: unknown };

/** A failure a person can do something about: `message` says what happened, `hint` how to mend it. */
export class MangahubError extends Error {
  override readonly name = "MangahubError";
  readonly exit: ExitName;
  readonly hint: string | undefined;

  constructor(exit: ExitName, message: string, details: Details = {}) {
    super(message, details.cause === undefined ? {} : { cause: details.cause });
    this.exit = exit;
    this.hint = details.hint;
  }
}
