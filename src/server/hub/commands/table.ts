import type { CommandType } from "../../../protocol/command.js";
import { failure } from "../../../protocol/error-code.js";
import { CLASS_WORDS, classOf } from "../command-class.js";
import { refreshAuth } from "./auth-refresh.js";
import { replaceKey } from "./auth-rekey.js";
import { offerCall } from "./call-offer.js";
import { answerCall, hangUpCall, sendCandidate } from "./call-signals.js";
import { listConversations } from "./conversation-list.js";
import { getHistory } from "./history-get.js";
import { mark } from "./mark.js";
import { forgetMark } from "./mark-forget.js";
import { sendMessage } from "./message-send.js";
import { queryPresence } from "./presence-query.js";
import { updatePresence } from "./presence-update.js";
import type { AnyRequest, HubContext, Request } from "./request.js";
import { listRooms } from "./room-list.js";
import { listMembers } from "./room-members.js";
import { subscribe } from "./subscribe.js";
import { startTyping, stopTyping } from "./typing.js";
import { unsubscribe } from "./unsubscribe.js";

type Handled = Promise<void> | void;

type Handlers = { readonly [T in CommandType]: (hub: HubContext, request: Request<T>) => Handled };

const HANDLERS: Handlers = {
  ping: (_, { reply }) => reply({ type: "pong", payload: {} }),
  // Keys are shown before the hub is reached; afterwards a connection cannot become somebody else.
  authenticate: (_, { reply }) =>
    reply({ type: "error", payload: failure("forbidden", "authenticate comes before all else", { field: "type" }) }),
  "auth.refresh": refreshAuth,
  "auth.rekey": replaceKey,
  async subscribe(hub, request) {
    await subscribe(hub, request);
    hub.calls.joinRinging(request.device);
  },
  unsubscribe,
  "message.send": sendMessage,
  "history.get": getHistory,
  "room.list": listRooms,
  "room.members": listMembers,
  "presence.update": updatePresence,
  "presence.query": queryPresence,
  "typing.start": startTyping,
  "typing.stop": stopTyping,
  "mark.delivered": mark,
  "mark.read": mark,
  "message.ack": mark,
  "mark.forget": forgetMark,
  "conversation.list": listConversations,
  "call.offer": offerCall,
  "call.answer": answerCall,
  "call.ice": sendCandidate,
  "call.hangup": hangUpCall,
};

/** Runs a command's handler, unless there are too many of its class. A promise if the next command has to wait. */
export function runCommand(hub: HubContext, request: AnyRequest): Handled {
  const { device, command, reply } = request;
  const wait = hub.throttle.admit(device, command);
  if (wait > 0) {
    const what = CLASS_WORDS[classOf(command.type)];
    const payload = failure("too_fast", `too many ${what}: wait ${wait} ms`, { retry_after_ms: wait });
    return reply({ type: "error", payload });
  }
  if (command.type === "custom") return hub.custom.run({ ...request, command });
  // The handler is chosen by the command's own type, a link the compiler cannot follow through the table.
  const handler = HANDLERS[command.type] as (hub: HubContext, request: AnyRequest) => Handled;
  return handler(hub, request);
}
