import { type Failure, failure } from "../../protocol/error-code.js";
import { sanitizeLine } from "../../protocol/sanitize.js";

/** The part of the Standard Schema interface (standardschema.dev) that is used: zod, valibot, arktype and others have it. */
export type StandardSchema<Payload> = {
  readonly "~standard": {
    readonly validate: (value: unknown) => Result<Payload> | Promise<Result<Payload>>;
  };
};

type Result<Payload> =
  | { readonly value: Payload; readonly issues?: undefined }
  | { readonly issues: readonly Issue[]; readonly value?: unknown };

type Issue = {
  readonly message: string;
  readonly path?: readonly (PropertyKey | { readonly key: PropertyKey })[] | undefined;
};

/** A schema, or a function that returns the payload to use, or throws an error whose message the client is told. */
export type PayloadSchema<Payload> = StandardSchema<Payload> | ((payload: unknown) => Payload);

const MAX_MESSAGE = 200;

/** The payload as the schema makes it; a failure that names the field if it does not fit. Rejects if the schema itself breaks. */
export async function validate<Payload>(
  schema: PayloadSchema<Payload>,
  payload: unknown,
): Promise<{ readonly value: Payload } | { readonly failure: Failure }> {
  if (!("~standard" in schema)) {
    try {
      return { value: schema(payload) };
    } catch (error) {
      return { failure: failure("bad_payload", said(error instanceof Error ? error.message : String(error))) };
    }
  }
  const result = await schema["~standard"].validate(payload);
  if (result.issues === undefined) return { value: result.value };
  const [issue] = result.issues;
  const field = said((issue?.path ?? []).map((step) => String(typeof step === "object" ? step.key : step)).join("."));
  const message = said(issue?.message ?? "invalid");
  return {
    failure: failure("bad_payload", field === "" ? message : `${field}: ${message}`, field === "" ? {} : { field }),
  };
}

function said(text: string): string {
  return sanitizeLine(text).slice(0, MAX_MESSAGE);
}
