import type { KnownServer } from "../../local/servers.js";
import { openLocal } from "../chat-setup.js";
import type { Context } from "../context.js";
import { count } from "../count.js";

/** `mangahub server list` */
export function serverList(context: Context): void {
  const { output, json } = context;
  const local = openLocal(context);
  try {
    const servers = local.servers();
    if (json) for (const server of servers) output.printJson(server);
    else if (servers.length > 0) output.print(...servers.map(lineOf));
    else output.say("no server is known here yet");
  } finally {
    local.close();
  }
}

function lineOf({ address, server_id, waiting, rooms }: KnownServer): string {
  const state = server_id === null ? "never reached" : `id ${server_id}`;
  return `${address}  ${state}  ${count(waiting, "message")} waiting  ${count(rooms, "room")} seen`;
}
