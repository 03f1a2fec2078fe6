import type { ChatMessage } from "../protocol/chat-message.js";
import type { RoomId } from "../protocol/room-id.js";
import { type ChatSetup, connectError, startingHub } from "./chat-setup.js";
import type { Context } from "./context.js";
import { MangahubError } from "./mangahub-error.js";
import type { HistoryPrinter } from "./plain/history-printer.js";

type Following = { readonly room_id: RoomId; readonly last: ChatMessage | undefined; readonly printer: HistoryPrinter };

/** Prints what is said in a room from `last` on, through reconnects, until a signal. Throws MangahubError. */
export async function followRoom(
  context: Context,
  setup: ChatSetup,
  { room_id, last, printer }: Following,
): Promise<void> {
  let printed = last?.seq ?? 0;
  const client = setup.createClient(setup.username);
  const ended = new Promise<unknown>((resolve) => {
    client.setCallbacks({
      onMessage: (message) => {
        if (message.room_id !== room_id || message.seq <= printed) return;
        printed = message.seq;
        printer.print([message]);
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
    const error = await ended;
    throw error === undefined ? new MangahubError("interrupted", "left by a signal") : connectError(error);
  } finally {
    for (const signal of SIGNALS) process.off(signal, onSignal);
  }
}

const SIGNALS = ["SIGINT", "SIGTERM", "SIGHUP"] as const;
