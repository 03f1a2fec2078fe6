import type { WebSocketClient } from "../client/websocket-client.js";
import type { ChatMessage } from "../protocol/chat-message.js";
import type { RoomId } from "../protocol/room-id.js";
import { type ChatSetup, connectError, startingHub } from "./chat-setup.js";
import type { Context } from "./context.js";
import { hubSource, readHistory } from "./history-source.js";
import { MangahubError } from "./mangahub-error.js";
import type { HistoryPrinter } from "./plain/history-printer.js";

type Following = { readonly room_id: RoomId; readonly last: ChatMessage | undefined; readonly printer: HistoryPrinter };

/** Prints what is said in a room from `last` on, through reconnects, until a signal. Throws MangahubError. */
export async function followRoom(context: Context, setup: ChatSetup, following: Following): Promise<void> {
  const { room_id, last, printer } = following;
  const client = setup.createClient(setup.username);
  const early: ChatMessage[] = [];
  let isLive = false;
  const ended = new Promise<unknown>((resolve) => {
    client.setCallbacks({
      onMessage: (message, origin) => {
        if (message.room_id !== room_id) return;
        if (isLive) printer.print([message]);
        // Without a message to go on from, what was said before is not wanted.
        else if (last !== undefined ? message.seq > last.seq : origin === "live") early.push(message);
      },
      onDisconnect: ({ error, will_reconnect }) => {
        if (!will_reconnect) resolve(error);
      },
    });
  });
  const onSignal = () => void client.disconnect();
  for (const signal of SIGNALS) process.once(signal, onSignal);
  try {
    await startingHub(context, () => client.connect(room_id));
    printer.print(await readBetween(client, following, early[0]?.seq));
    isLive = true;
    printer.print(early);
    const error = await ended;
    throw error === undefined ? new MangahubError("interrupted", "left by a signal") : connectError(error);
  } finally {
    for (const signal of SIGNALS) process.off(signal, onSignal);
  }
}

/** What was said after the last message printed and before the first one heard: more than a join brings along. */
async function readBetween(
  client: WebSocketClient,
  { room_id, last }: Following,
  first: number | undefined,
): Promise<readonly ChatMessage[]> {
  if (last === undefined || first === undefined || first <= last.seq + 1) return [];
  return readHistory(hubSource(client, { room_id }), { before: first, limit: first - last.seq - 1 });
}

const SIGNALS = ["SIGINT", "SIGTERM", "SIGHUP"] as const;
