/** Where a setting's value came from. `name` is the flag, the variable or the file; `line` counts from 1. */
export type Origin = {
  readonly kind: "flag" | "environment" | "file" | "default";
  readonly name: string;
  readonly line?: number;
};

export type ConfigProblem = {
  readonly origin: Origin;
  /** The dotted path, such as `websocket.port`; empty when the whole file is at fault. */
  readonly key: string;
  readonly value?: unknown;
  /** What would be accepted, as the end of a sentence. */
  readonly allowed: string;
  readonly cause?: unknown;
};

/** A setting that cannot be used: says where it stands, what it is and what is allowed. */
export class ConfigError extends Error {
  override readonly name = "ConfigError";
  readonly problem: ConfigProblem;

  constructor(problem: ConfigProblem) {
    super(describe(problem), { cause: problem.cause });
    this.problem = problem;
  }
}

/** A file that cannot be used as a whole; `allowed` says why. */
export function fileError(
  path: string,
  allowed: string,
  details: { line?: number; cause?: unknown } = {},
): ConfigError {
  const { line, cause } = details;
  const origin = { kind: "file", name: path, ...(line === undefined ? {} : { line }) } as const;
  return new ConfigError({ origin, key: "", allowed, ...(cause === undefined ? {} : { cause }) });
}

/** `config.yaml:4`, `--port`, `MANGAHUB_WEBSOCKET_PORT`, or `default`. */
export function describeOrigin(origin: Origin): string {
  if (origin.kind === "default") return "default";
  return origin.line === undefined ? origin.name : `${origin.name}:${origin.line}`;
}

function describe({ origin, key, value, allowed }: ConfigProblem): string {
  const place = describeOrigin(origin);
  if (key === "") return `${place}: ${allowed}`;
  if (value === undefined) return `${place}: ${key}: ${allowed}`;
  return `${place}: ${key} is ${quote(value)}; allowed: ${allowed}`;
}

function quote(value: unknown): string {
  const text = JSON.stringify(value) ?? String(value);
  return text.length > 80 ? `${text.slice(0, 77)}...` : text;
}
