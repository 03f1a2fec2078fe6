import {
  type CustomEvent,
  type CustomType,
  customPayloadFault,
  customTypeFault,
  type JsonObject,
} from "../../protocol/custom.js";
import { LIMITS } from "../../protocol/limits.js";

/** Something an embedder says. Throws a TypeError that says why this cannot be said. */
export function customEventOf(type: string, payload: object): CustomEvent {
  const fault = customTypeFault(type);
  if (fault !== undefined) throw new TypeError(`${JSON.stringify(type)} cannot be sent: ${fault}`);
  // What has no fault is one.
  return { type: "custom", name: type as CustomType, payload: asJson(type, payload) };
}

/** The payload as JSON has it: what is sent now does not change when the object does. */
function asJson(type: string, payload: object): JsonObject {
  const text = textOf(type, payload);
  const bytes = Buffer.byteLength(text);
  if (bytes > LIMITS.maxFrameBytes) {
    throw new TypeError(
      `the payload of ${type} is ${bytes} bytes of JSON: at most ${LIMITS.maxFrameBytes} can be sent`,
    );
  }
  const value: unknown = JSON.parse(text);
  if (typeof value !== "object" || value === null || Array.isArray(value)) {
    throw new TypeError(`the payload of ${type} is ${text.slice(0, 40)}: it must be an object`);
  }
  // An object that came out of JSON.
  const object = value as JsonObject;
  const fault = customPayloadFault(object);
  if (fault !== undefined) throw new TypeError(`the payload of ${type} is not what can be sent: ${fault}`);
  return object;
}

function textOf(type: string, payload: unknown): string {
  let text: string | undefined;
  try {
    text = JSON.stringify(payload);
  } catch (cause) {
    throw new TypeError(`the payload of ${type} is not JSON: ${String(cause)}`, { cause });
  }
  // For a function, a symbol or nothing JSON has no word.
  if (text === undefined) throw new TypeError(`the payload of ${type} is ${typeof payload}: it must be an object`);
  return text;
}
