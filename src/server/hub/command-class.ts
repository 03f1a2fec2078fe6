/** What a command counts as when it is limited. */
export type CommandClass = "message" | "typing" | "mark" | "subscribe" | "history" | "call" | "other";

/** Every other command, an embedder's own among them, is `other`. */
const CLASSES: ReadonlyMap<string, CommandClass> = new Map([
  ["message.send", "message"],
  ["typing.start", "typing"],
  ["typing.stop", "typing"],
  ["presence.update", "typing"],
  ["message.ack", "mark"],
  ["mark.delivered", "mark"],
  ["mark.read", "mark"],
  ["mark.forget", "mark"],
  ["subscribe", "subscribe"],
  ["unsubscribe", "subscribe"],
  ["history.get", "history"],
  ["conversation.list", "history"],
  ["call.offer", "call"],
  ["call.answer", "call"],
  ["call.ice", "call"],
  ["call.hangup", "call"],
]);

export function classOf(type: string): CommandClass {
  return CLASSES.get(type) ?? "other";
}

/** What there was too much of, for the sentence that says so. */
export const CLASS_WORDS: Readonly<Record<CommandClass, string>> = {
  message: "messages",
  typing: "notices of typing and presence",
  mark: "marks",
  subscribe: "subscriptions",
  history: "requests for history",
  call: "call signals",
  other: "requests",
};
