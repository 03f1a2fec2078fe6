import type { Action } from "./action.js";
import type { ChatState } from "./chat-state.js";
import { appendEntry, replaceEntries } from "./entries.js";
import type { Entry } from "./entry.js";

type ActionOf<T extends Action["type"]> = Extract<Action, { readonly type: T }>;

type OutgoingAction = ActionOf<
  "message.queued" | "message.acknowledged" | "message.dropped" | "message.refused" | "message.retried"
>;

/** Messages of our own, until the server has them or their author gives them up. */
export function reduceOutgoing(state: ChatState, action: OutgoingAction): ChatState {
  switch (action.type) {
    case "message.queued":
      return queue(state, action);
    case "message.acknowledged":
    case "message.dropped":
      return settle(state, action.client_id);
    case "message.refused":
      return refuse(state, action);
    case "message.retried":
      return retry(state, action);
  }
}

/** Shows a message of our own before the server has it. Queued twice, it is shown once. */
function queue(state: ChatState, { queued, at }: ActionOf<"message.queued">): ChatState {
  const { client_id, room_id, text, to, refusal, hidden } = queued;
  if (state.waiting.has(client_id)) return state;
  const target = to === undefined ? {} : { to };
  const outcome = refusal === undefined ? {} : { refusal };
  const content = { kind: "outgoing" as const, client_id, text, ...target, ...outcome };
  const shown = hidden === true ? state : appendEntry(state, { room_id, at, content });
  const waiting = new Map(state.waiting).set(client_id, room_id);
  return { ...shown, waiting, refused: withRefusal(state.refused, client_id, refusal !== undefined) };
}

function refuse(state: ChatState, { client_id, refusal, at }: ActionOf<"message.refused">): ChatState {
  const refused = withRefusal(state.refused, client_id, state.waiting.has(client_id));
  return change(state, { client_id, refused }, (entry, order) => ({ ...entry, refusal, at, order }));
}

function retry(state: ChatState, { client_id, at }: ActionOf<"message.retried">): ChatState {
  const refused = withRefusal(state.refused, client_id, false);
  return change(state, { client_id, refused }, (entry, order) => {
    const { refusal: _, ...waiting } = entry;
    return { ...waiting, at, order };
  });
}

type Outgoing = Extract<Entry, { readonly kind: "outgoing" }>;

function withRefusal(refused: ChatState["refused"], client_id: string, isRefused: boolean): ChatState["refused"] {
  if (refused.has(client_id) === isRefused) return refused;
  const changed = new Set(refused);
  if (isRefused) changed.add(client_id);
  else changed.delete(client_id);
  return changed;
}

function change(
  state: ChatState,
  { client_id, refused }: { readonly client_id: string; readonly refused: ChatState["refused"] },
  apply: (entry: Outgoing, order: number) => Entry,
): ChatState {
  const room_id = state.waiting.get(client_id);
  if (room_id === undefined) return state;
  const numbered = { ...state, next_order: state.next_order + 1, refused };
  return replaceEntries(numbered, room_id, (entry) =>
    entry.kind === "outgoing" && entry.client_id === client_id ? apply(entry, state.next_order) : entry,
  );
}

/** It is over for a message of our own: the server has it, or its author gave it up. */
export function settle(state: ChatState, client_id: string): ChatState {
  const room_id = state.waiting.get(client_id);
  if (room_id === undefined) return state;
  const waiting = new Map(state.waiting);
  waiting.delete(client_id);
  const refused = withRefusal(state.refused, client_id, false);
  return replaceEntries({ ...state, waiting, refused }, room_id, (entry) =>
    entry.kind === "outgoing" && entry.client_id === client_id ? undefined : entry,
  );
}
