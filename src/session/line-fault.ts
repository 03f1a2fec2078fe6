import { parseInputLine } from "../chat/input-line.js";
import { LIMITS } from "../protocol/limits.js";
import { messageFault } from "../protocol/message-fault.js";
import { fitsUtf8, utf8Length } from "../protocol/sanitize.js";
import { commandNamed } from "./slash/table.js";

/**
 * Why a line as typed cannot be sent as it is, so that a view keeps it for its author to shorten; undefined if it can.
 * What only the server knows is not looked at.
 */
export function lineFault(line: string): string | undefined {
  const input = parseInputLine(line);
  if (input.kind === "empty") return undefined;
  if (input.kind === "message") return messageFault(input.text);
  const message = commandNamed(input.name)?.messageIn?.(input.argument.trim());
  if (message !== undefined) return messageFault(message);
  if (fitsUtf8(line, LIMITS.maxMessageBytes)) return undefined;
  return `the command has ${utf8Length(line)} bytes: a command is at most ${LIMITS.maxMessageBytes} bytes`;
}
