import fc from "fast-check";
import { anyCommand, anyText } from "../unit/protocol/arbitrary.js";

/** Numbers that JSON may spell and few programs expect. */
const numbers = fc.constantFrom(
  "1e999",
  "-1e999",
  "-0",
  "1e-999",
  "9007199254740993",
  "0.1e1",
  "9".repeat(400),
  `0.${"0".repeat(400)}1`,
  "123456789012345678901234567890",
);

const keys = fc.constantFrom(
  "__proto__",
  "constructor",
  "prototype",
  "toString",
  "hasOwnProperty",
  "then",
  "toJSON",
  "length",
  "id",
  "type",
  "payload",
  "room_id",
  "message",
  "client_id",
  "filters",
  "topics",
  "resume",
  "meta",
  "to",
  "status",
);

const objectOf = (pairs: readonly (readonly [string, string])[]): string =>
  `{${pairs.map(([key, value]) => `${JSON.stringify(key)}:${value}`).join(",")}}`;

/** JSON as text, so that keys may come twice and numbers need not fit. */
const { value: hostileValue } = fc.letrec<{ value: string; leaf: string }>((tie) => ({
  leaf: fc.oneof(
    numbers,
    anyText.map((text) => JSON.stringify(text)),
    fc.constantFrom(
      '{"length":{"toString":1}}',
      '{"length":{"valueOf":1,"toString":1}}',
      "null",
      "true",
      '"\\ud800"',
      '"\\udfff\\ud800"',
      '"\\u0000"',
      '""',
      "[]",
      "{}",
      '"__proto__"',
    ),
    fc.integer().map(String),
  ),
  value: fc.oneof(
    { depthSize: "small", withCrossShrink: true },
    tie("leaf"),
    fc.array(tie("value"), { maxLength: 4 }).map((all) => `[${all.join(",")}]`),
    fc
      .array(fc.tuple(fc.oneof(keys, anyText), tie("value")), { maxLength: 5 })
      .map((pairs) => objectOf(pairs as [string, string][])),
  ),
}));

const deep = fc
  .record({ depth: fc.integer({ min: 10, max: 10_000 }), shape: fc.constantFrom(["[", "]"], ['{"a":', "}"]) })
  .map(({ depth, shape: [open = "", close = ""] }) => `${open.repeat(depth)}1${close.repeat(depth)}`);

const types = fc.oneof(
  anyCommand.map(({ type }) => type),
  fc.constantFrom("__proto__", "constructor", "toString", "connected", "error", "", "message.new", "own.type"),
);

/** A command of a type that exists, with one field of its payload replaced by anything. */
const twisted = fc
  .tuple(anyCommand, fc.nat(), fc.oneof(hostileValue, deep), keys)
  .map(([{ id, type, payload }, place, value, fallback]) => {
    const fields = Object.entries(payload).map(([key, field]): [string, string] => [key, JSON.stringify(field)]);
    const at = fields.length === 0 ? 0 : place % fields.length;
    const replaced: [string, string] = [fields[at]?.[0] ?? fallback, value];
    const twistedPayload = objectOf([...fields.slice(0, at), ...fields.slice(at + 1), replaced]);
    return `{"id":${JSON.stringify(id)},"type":${JSON.stringify(type)},"payload":${twistedPayload}}`;
  });

const cut = fc.tuple(anyCommand, fc.nat(), fc.nat(), anyText).map(([command, from, length, text]) => {
  const whole = JSON.stringify(command);
  const start = from % whole.length;
  return whole.slice(0, start) + text + whole.slice(start + (length % 20));
});

/** What a client that means harm, or was written by somebody in a hurry, may put into a text frame. */
export const hostileFrame = fc.oneof(
  { arbitrary: twisted, weight: 8 },
  { arbitrary: anyCommand.map((command) => JSON.stringify(command)), weight: 6 },
  {
    arbitrary: fc.tuple(types, hostileValue).map(([type, payload]) =>
      objectOf([
        ["id", '"x"'],
        ["type", JSON.stringify(type)],
        ["payload", payload],
      ]),
    ),
    weight: 4,
  },
  { arbitrary: cut, weight: 3 },
  { arbitrary: hostileValue, weight: 2 },
  { arbitrary: deep, weight: 1 },
  {
    arbitrary: fc.tuple(hostileValue, hostileValue).map(([message, room]) =>
      objectOf([
        ["message", message],
        ["room_id", room],
      ]),
    ),
    weight: 2,
  },
  { arbitrary: anyText, weight: 1 },
  {
    arbitrary: fc
      .integer({ min: 1000, max: 60_000 })
      .map((size) => JSON.stringify({ id: "long", type: "x".repeat(size) })),
    weight: 1,
  },
);

const segment = fc.oneof(
  fc.constantFrom("ws", "ws/general", "health", "..", "%2e%2e", "%00", "%", "%zz", "ws/dm:a:b", "api", "", "*", "ws/"),
  anyText.map((text) => encodeURIComponent(text.replace(/\p{Surrogate}/gu, "?"))),
  fc.string({ unit: fc.integer({ min: 0x21, max: 0x7e }).map((unit) => String.fromCharCode(unit)), maxLength: 30 }),
);

/** The target of a request line. */
const target = fc
  .tuple(fc.array(segment, { maxLength: 4 }), fc.array(fc.tuple(segment, segment), { maxLength: 4 }))
  .map(([path, query]) => {
    const text = query.map(([name, value]) => `${name}=${value}`).join("&");
    return `/${path.join("/")}${text === "" ? "" : `?${text}`}`;
  });

const headerValue = fc.oneof(
  fc.string({ maxLength: 40 }),
  fc.constantFrom(
    "Bearer x",
    `Bearer ${"k".repeat(600)}`,
    "null",
    "http://evil.example",
    "127.0.0.1",
    "mangahub.v1",
    "permessage-deflate; server_max_window_bits=99",
    "a=b; __proto__=c",
    ",,,",
    "13",
    "0",
    "x".repeat(2000),
  ),
);
const header = fc.tuple(
  fc.constantFrom(
    "Origin",
    "Cookie",
    "Authorization",
    "Sec-WebSocket-Protocol",
    "Sec-WebSocket-Extensions",
    "Sec-WebSocket-Version",
    "Sec-WebSocket-Key",
    "X-Forwarded-For",
    "Forwarded",
    "Content-Length",
    "Transfer-Encoding",
    "Host",
    "Upgrade",
    "X-\u0000",
    "__proto__",
  ),
  headerValue,
);

/** The bytes of a request, mostly nearly an upgrade of the hub's, and of whatever is sent behind it. */
export const hostileRequest = fc
  .record({
    method: fc.constantFrom("GET", "GET", "GET", "POST", "OPTIONS", "CONNECT", "get", "G\u0000T", ""),
    target,
    headers: fc.array(header, { maxLength: 5 }),
    isUpgrade: fc.oneof({ arbitrary: fc.constant(true), weight: 3 }, { arbitrary: fc.constant(false), weight: 1 }),
    tail: fc.oneof(fc.constant(new Uint8Array()), fc.uint8Array({ maxLength: 200 })),
  })
  .map(({ method, target: path, headers, isUpgrade, tail }) => {
    const usual: [string, string][] = isUpgrade
      ? [
          ["Host", "localhost"],
          ["Connection", "Upgrade"],
          ["Upgrade", "websocket"],
          ["Sec-WebSocket-Version", "13"],
          ["Sec-WebSocket-Key", "AAAAAAAAAAAAAAAAAAAAAA=="],
        ]
      : [["Host", "localhost"]];
    const lines = [...usual, ...headers].map(([name, value]) => `${name}: ${value}`);
    const text = `${method} ${path} HTTP/1.1\r\n${lines.join("\r\n")}\r\n\r\n`;
    return Buffer.concat([Buffer.from(text, "utf8"), tail]);
  });

const apiPath = fc.oneof(
  fc.constantFrom(
    "register",
    "login",
    "password",
    "logout",
    "refresh",
    "ticket",
    "whoami",
    "tokens",
    "tokens/x",
    "",
    "..",
  ),
  segment,
);

/** A request about accounts: hostile JSON, other bodies, bodies of another length than they say. */
export const hostileApiRequest = fc
  .record({
    method: fc.constantFrom("POST", "POST", "POST", "GET", "DELETE", "OPTIONS", "PUT"),
    path: apiPath,
    token: fc.oneof(fc.constant(""), fc.constantFrom("x", "x".repeat(512), "a b"), headerValue),
    contentType: fc.constantFrom(
      "application/json",
      "application/json; charset=utf-7",
      "text/plain",
      "application/jsonx",
    ),
    body: fc.oneof(
      hostileValue,
      deep,
      anyText,
      fc.tuple(hostileValue, hostileValue).map(([username, password]) =>
        objectOf([
          ["username", username],
          ["password", password],
        ]),
      ),
    ),
    lengthFault: fc.constantFrom(0, 0, 0, 1, -1, 100_000),
  })
  .map(({ method, path, token, contentType, body, lengthFault }) => {
    const bytes = Buffer.from(body, "utf8");
    const length = Math.max(0, bytes.length + lengthFault);
    const head =
      `${method} /api/auth/${path} HTTP/1.1\r\nHost: localhost\r\nContent-Type: ${contentType}\r\n` +
      `Authorization: Bearer ${token}\r\nContent-Length: ${length}\r\n\r\n`;
    return Buffer.concat([Buffer.from(head, "utf8"), bytes]);
  });
