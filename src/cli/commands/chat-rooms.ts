import type { EventPayload } from "../../protocol/event.js";
import { LIMITS } from "../../protocol/limits.js";
import { openChatToRead, runSingleCommand, withoutStarting } from "../chat-setup.js";
import { type Context, serverAddress } from "../context.js";
import { MangahubError } from "../mangahub-error.js";

type Row = EventPayload<"room.list">["rooms"][number];

/** `mangahub chat rooms`: public rooms, from the hub or, without one, from its database. */
export async function chatRooms(context: Context): Promise<void> {
  const rows = await listAnywhere(context);
  const { json, output } = context;
  if (json) {
    for (const row of rows) output.printJson(row);
    return;
  }
  if (rows.length === 0) output.say("there are no rooms yet; the first message makes one");
  const width = Math.max(0, ...rows.map((row) => row.room_id.length));
  for (const { room_id, online, head, last_at } of rows) {
    const last = last_at === undefined ? "" : `  last ${last_at.slice(0, 16).replace("T", " ")} UTC`;
    output.print(
      `${room_id.padEnd(width)}  ${String(online).padStart(4)} online  ${String(head).padStart(6)} ${head === 1 ? "message" : "messages"}${last}`,
    );
  }
}

async function listAnywhere(context: Context): Promise<readonly Row[]> {
  const setup = await openChatToRead(context);
  try {
    return await runSingleCommand(withoutStarting(context), {
      setup,
      work: async ({ client }) => (await client.rooms()).rooms,
    });
  } catch (error) {
    const isAway = error instanceof MangahubError && error.exit === "unreachable";
    if (!isAway || !serverAddress(context).local) throw error;
    return listFromDatabase(context, error);
  } finally {
    setup.local.close();
  }
}

async function listFromDatabase(context: Context, why: MangahubError): Promise<readonly Row[]> {
  const { readOffline } = await import("../offline-hub.js");
  return readOffline<readonly Row[]>(context, {
    why,
    empty: [],
    read: (reader) =>
      reader.listRooms(LIMITS.maxRoomsListed).map(({ room_id, head, last_ms }) => {
        const row = { room_id, head, online: 0 };
        return last_ms === undefined ? row : { ...row, last_at: new Date(last_ms).toISOString() };
      }),
  });
}
