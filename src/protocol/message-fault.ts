import { isBlank } from "./blank.js";
import { COMMAND_PAYLOADS } from "./command.js";
import { utf8Length } from "./sanitize.js";

/** Why the hub would refuse the text as a message, with its size in bytes; undefined if it would not. */
export function messageFault(text: string): string | undefined {
  const parsed = COMMAND_PAYLOADS["message.send"].shape.message.safeParse(text);
  if (parsed.success) return undefined;
  const reason = parsed.error.issues[0]?.message ?? "it cannot be sent";
  return isBlank(text) ? `there is nothing to send: ${reason}` : `the message has ${utf8Length(text)} bytes: ${reason}`;
}
