import type { Command } from "../../protocol/command.js";
import type { CustomCommand } from "../../protocol/custom.js";
import type { Failure } from "../../protocol/error-code.js";
import { typeOf } from "../../protocol/frame.js";
import { sanitizeLine } from "../../protocol/sanitize.js";
import type { Device } from "./device.js";

/** What every record about a request carries, so that it can be found by its connection and by the client's name for it. */
export type RequestFacts = { readonly connection_id: string; readonly request_id: string; readonly type: string };

/** Built only when something is logged: ordinary requests pay nothing for it. */
export function requestFacts(device: Device, command: Command | CustomCommand): RequestFacts {
  return { connection_id: device.connection_id, request_id: sanitizeLine(command.id), type: typeOf(command) };
}

/** The same for a frame that was refused; what is no envelope has no name. */
export function refusalFacts({ connection_id }: Device, { code, field, message }: Failure, request_id = "") {
  return { connection_id, request_id: sanitizeLine(request_id), code, field, reason: message };
}
