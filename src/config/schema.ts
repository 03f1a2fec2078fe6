import * as z from "zod/mini";
import { isAddressRange } from "./address-range.js";
import { BYTE_SIZE_RULE, parseByteSize } from "./byte-size.js";
import { DURATION_RULE, formatDuration, parseDuration } from "./duration.js";

/** Every error text here ends the sentence "allowed: …". */
function wholeNumber(least: number, most: number) {
  const error = `a whole number from ${least} to ${most}`;
  return z.int({ error }).check(z.minimum(least, { error }), z.maximum(most, { error }));
}

/** A timer that is set for longer than 2^31 ms goes off at once. */
const MAX_TIMER_MS = 24 * 86_400_000;
const MAX_AGE_MS = 36_500 * 86_400_000;

function duration(least: number, most = MAX_TIMER_MS) {
  const error = `${DURATION_RULE}; from ${formatDuration(least)} to ${formatDuration(most)}`;
  return z.pipe(
    z.union([z.string(), z.literal(0)], { error }),
    z.transform((written: string | 0, context) => {
      const ms = parseDuration(String(written));
      if (ms !== undefined && ms >= least && ms <= most) return ms;
      context.issues.push({ code: "custom", message: error, input: written });
      return z.NEVER;
    }),
  );
}

function byteSize(least: number, most: number) {
  const error = `${BYTE_SIZE_RULE}; from ${least} to ${most} bytes`;
  return z.pipe(
    z.union([z.string(), z.number()], { error }),
    z.transform((written: string | number, context) => {
      const bytes = parseByteSize(String(written));
      if (bytes !== undefined && bytes >= least && bytes <= most) return bytes;
      context.issues.push({ code: "custom", message: error, input: written });
      return z.NEVER;
    }),
  );
}

const yesOrNo = z.boolean({ error: "true or false" });
const text = (error: string) => z.string({ error }).check(z.maxLength(1024, { error }));

const LOG_LEVELS = ["trace", "debug", "info", "warn", "error", "fatal", "silent"] as const;
const ORIGIN_RULE = "a list of origins such as https://example.org";
const HOST_RULE = "a list of host names such as chat.example.org, without ports";
const PEM_RULE = "a PEM file's path, or empty for no TLS";
const PROXY_RULE = "a list of addresses and ranges such as 127.0.0.1, 10.0.0.0/8 or 2001:db8::/32";
const SERVER_RULE = "empty, or an address such as ws://127.0.0.1:9093";
const ROOM_RULE = "1 to 64 of a-z, 0-9 and -, starting with a letter or digit, such as one-piece";

/** `example.org:9093` is that host's WebSocket address. */
function withScheme(written: string): string {
  return /^(?:[\w.-]+|\[[\da-f:.]+\]):\d{1,5}$/i.test(written) ? `ws://${written}` : written;
}

/** A size that other hubs have and that bounds nothing here: its usual value is understood, any other one refused. */
function only(value: number, reason: string) {
  return z.literal(value, { error: `${value} only, for it bounds nothing here: ${reason}` });
}

const websocket = z.strictObject({
  host: text("an address or host name").check(z.minLength(1, { error: "an address or host name" })),
  port: wholeNumber(0, 65_535),
  write_wait: duration(1),
  pong_wait: duration(10),
  ping_period: duration(10),
  max_message_size: byteSize(1024, 10 * 1024 * 1024),
  read_buffer_size: only(1024, "Node reads a socket in pieces of its own; max_message_size bounds a frame"),
  write_buffer_size: only(1024, "frames are written whole; a reader with 256 KiB waiting is read to from the log"),
  client_buffer_size: wholeNumber(1, 65_536),
  register_buffer: wholeNumber(1, 65_536),
  unregister_buffer: only(256, "a connection that ends is forgotten at once"),
  broadcast_buffer: wholeNumber(1, 65_536),
  cleanup_interval: duration(10),
  stale_connection_timeout: duration(10),
  handshake_timeout: duration(10),
  message_timeout: duration(10),
  compression: yesOrNo,
  allowed_origins: z.array(text(ORIGIN_RULE).check(z.regex(/^https?:\/\/[^/\s]+$/, { error: ORIGIN_RULE })), {
    error: ORIGIN_RULE,
  }),
  public_hosts: z.array(text(HOST_RULE).check(z.regex(/^[a-z0-9.-]{1,253}$/i, { error: HOST_RULE })), {
    error: HOST_RULE,
  }),
  trusted_proxies: z.array(text(PROXY_RULE).check(z.refine(isAddressRange, { error: PROXY_RULE })), {
    error: PROXY_RULE,
  }),
  allow_guests: yesOrNo,
  max_connections: wholeNumber(1, 1_000_000),
  max_connections_per_address: wholeNumber(1, 1_000_000),
});

const rate = wholeNumber(1, 1_000_000);

const limits = z.strictObject({
  enabled: yesOrNo,
  messages_per_second: rate,
  message_burst: rate,
  user_messages_per_second: rate,
  user_message_burst: rate,
  address_messages_per_second: rate,
  address_message_burst: rate,
  room_messages_per_second: rate,
  room_message_burst: rate,
  typing_per_second: rate,
  typing_burst: rate,
  marks_per_second: rate,
  mark_burst: rate,
  subscribes_per_second: rate,
  subscribe_burst: rate,
  history_per_second: rate,
  history_burst: rate,
  calls_per_second: rate,
  call_burst: rate,
  requests_per_second: rate,
  request_burst: rate,
  rooms_per_hour: rate,
  claims_per_hour: rate,
});

const database = z.strictObject({
  path: text("a file's path, or empty for the data directory's hub.db"),
  durable: yesOrNo,
});
const tls = z.strictObject({ cert: text(PEM_RULE), key: text(PEM_RULE) });
const retention = z.strictObject({ max_age: duration(0, MAX_AGE_MS), max_messages: wholeNumber(0, 1_000_000_000) });
const presence = z.strictObject({
  offline_grace: duration(0),
  batch: duration(0, 10_000),
  large_room: wholeNumber(0, 1_000_000),
});
const typing = z.strictObject({ enabled: yesOrNo });
const calls = z.strictObject({
  ring_timeout: duration(1000),
  grace: duration(0),
  max_calls: wholeNumber(1, 1_000_000),
});
const receipts = z.strictObject({ max_room: wholeNumber(0, 100_000) });
const AUTH_MODES = ["open", "token"] as const;

const auth = z.strictObject({
  mode: z.enum(AUTH_MODES, { error: AUTH_MODES.join(" or ") }),
  token_ttl: duration(10, MAX_AGE_MS),
  registration: yesOrNo,
  max_sessions: wholeNumber(1, 1000),
});
const log = z.strictObject({ level: z.enum(LOG_LEVELS, { error: LOG_LEVELS.join(", ") }) });

const client = z.strictObject({
  name: text("a name of at most 32 characters, or empty for the system user's").check(
    z.maxLength(32, { error: "a name of at most 32 characters" }),
  ),
  server: z.pipe(
    z.pipe(text(SERVER_RULE), z.transform(withScheme)),
    z.string().check(z.regex(/^$|^(wss?|https?):\/\/[^\s/]+/, { error: SERVER_RULE })),
  ),
  room: text(ROOM_RULE).check(z.regex(/^[a-z0-9][a-z0-9-]{0,63}$/, { error: ROOM_RULE })),
  start_hub: yesOrNo,
  answer_timeout: duration(10, 600_000),
  send_receipts: yesOrNo,
  auto_away: duration(0),
  send_typing: yesOrNo,
  show_typing: yesOrNo,
});

const linger = duration(0);

/** All settings, complete. Its input is how they are written (`10s`, `64KiB`), its output numbers of ms and bytes. */
export const configSchema = z.strictObject({
  websocket,
  auth,
  tls,
  database,
  retention,
  linger,
  limits,
  presence,
  typing,
  calls,
  receipts,
  log,
  client,
});

/** What one file, or one flag or variable, may hold: any part of the settings. */
export const partialConfigSchema = z.strictObject({
  websocket: z.optional(z.partial(websocket)),
  auth: z.optional(z.partial(auth)),
  tls: z.optional(z.partial(tls)),
  database: z.optional(z.partial(database)),
  retention: z.optional(z.partial(retention)),
  linger: z.optional(linger),
  limits: z.optional(z.partial(limits)),
  presence: z.optional(z.partial(presence)),
  typing: z.optional(z.partial(typing)),
  calls: z.optional(z.partial(calls)),
  receipts: z.optional(z.partial(receipts)),
  log: z.optional(z.partial(log)),
  client: z.optional(z.partial(client)),
});

type DeepReadonly<T> = T extends object ? { readonly [K in keyof T]: DeepReadonly<T[K]> } : T;

/** The loaded settings: durations in ms, sizes in bytes. */
export type Config = DeepReadonly<z.output<typeof configSchema>>;

/** The settings as a person writes them. */
export type WrittenConfig = DeepReadonly<z.input<typeof configSchema>>;
