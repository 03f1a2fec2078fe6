import type { CommandSpec, OptionSpec } from "./command-spec.js";
import { loadContext } from "./context.js";

const ROOM: readonly OptionSpec[] = [
  { flags: "--room <room>", description: "the room, such as one-piece (default: general)" },
  { flags: "-m, --manga-id <id>", description: "the same, by the manga's id" },
];

const WITH: OptionSpec = { flags: "--with <user>", description: "the same as --to", hidden: true };

const join: CommandSpec = {
  name: "join",
  description: "talk in a room; starts a hub in the background if none runs here",
  options: [...ROOM, { flags: "--plain", description: "plain lines instead of the full screen" }],
  examples: ["mangahub chat join", "mangahub chat join --room one-piece", "mangahub chat join --name nami | cat"],
  async run(invocation, parsed) {
    const [{ chatJoin }, { joinOptions }] = await Promise.all([
      import("./commands/chat-join.js"),
      import("./chat-options.js"),
    ]);
    const options = joinOptions(parsed);
    await chatJoin(await loadContext(invocation, "client"), options);
  },
};

const send: CommandSpec = {
  name: "send",
  description: "say one thing; it is kept and delivered later if the server is away",
  args: [
    {
      form: "[text...]",
      description:
        "what to say; `-`, or nothing at the end of a pipe, reads it from stdin; put -- before what begins with a dash",
    },
  ],
  options: [
    ...ROOM,
    { flags: "--to <user>", description: "a direct message to this person, by name or id" },
    WITH,
    { flags: "--reply-to <seq>", description: "the number of the message this answers" },
  ],
  examples: [
    'mangahub chat send "hi"',
    "mangahub chat send --to nami 'see you at 8'",
    "mangahub chat send -- -_-",
    "date | mangahub chat send -",
  ],
  async run(invocation, parsed) {
    const [{ chatSend }, { sendOptions }] = await Promise.all([
      import("./commands/chat-send.js"),
      import("./chat-options.js"),
    ]);
    const options = sendOptions(parsed);
    await chatSend(await loadContext(invocation, "client"), parsed.args, options);
  },
};

const history: CommandSpec = {
  name: "history",
  description: "show what was said",
  options: [
    ...ROOM,
    { flags: "--to <user>", description: "the direct messages with this person" },
    WITH,
    { flags: "-l, --limit <n>", description: "how many messages (default: 20 on a terminal, else 50)" },
    { flags: "--before <seq>", description: "only messages before this number" },
    {
      flags: "--since <time>",
      description:
        "only what came after the last message older than 2026-11-21, 2026-11-21T10:00 (your zone) or 2h, by the hub's clock when it was said",
    },
    { flags: "--follow", description: "stay, and show what is said from now on" },
  ],
  examples: [
    "mangahub chat history",
    "mangahub chat history --room one-piece --since 2h --json",
    "mangahub chat history --follow",
  ],
  async run(invocation, parsed) {
    const [{ chatHistory }, { historyOptions }] = await Promise.all([
      import("./commands/chat-history.js"),
      import("./chat-options.js"),
    ]);
    const options = historyOptions(parsed, Date.now());
    await chatHistory(await loadContext(invocation, "client"), options);
  },
};

const rooms: CommandSpec = {
  name: "rooms",
  description: "list the rooms and how many people are in them",
  examples: ["mangahub chat rooms", "mangahub chat rooms --json"],
  async run(invocation) {
    const { chatRooms } = await import("./commands/chat-rooms.js");
    await chatRooms(await loadContext(invocation, "client"));
  },
};

const unread: CommandSpec = {
  name: "unread",
  description: "list the rooms with something you have not read",
  examples: ["mangahub chat unread", "mangahub chat unread --json"],
  async run(invocation) {
    const { chatUnread } = await import("./commands/chat-unread.js");
    await chatUnread(await loadContext(invocation, "client"));
  },
};

const users: CommandSpec = {
  name: "users",
  description: "list who is online",
  options: ROOM,
  examples: ["mangahub chat users", "mangahub chat users --room one-piece"],
  async run(invocation, parsed) {
    const [{ chatUsers }, { usersOptions }] = await Promise.all([
      import("./commands/chat-users.js"),
      import("./chat-options.js"),
    ]);
    const options = usersOptions(parsed);
    await chatUsers(await loadContext(invocation, "client"), options);
  },
};

const outbox: CommandSpec = {
  name: "outbox",
  description: "list what is not delivered yet, send it again or drop it",
  options: [
    { flags: "--retry", description: "send again what was refused" },
    { flags: "--drop <id>", description: "drop one message by its id, or `all`" },
  ],
  examples: ["mangahub chat outbox", "mangahub chat outbox --retry", "mangahub chat outbox --drop all"],
  async run(invocation, parsed) {
    const [{ chatOutbox }, { outboxOptions }] = await Promise.all([
      import("./commands/chat-outbox.js"),
      import("./chat-options.js"),
    ]);
    const options = outboxOptions(parsed);
    await chatOutbox(await loadContext(invocation, "client"), options);
  },
};

/** `mangahub chat …` */
export const CHAT_COMMANDS: CommandSpec = {
  name: "chat",
  description: "talk: join a room, send, read",
  examples: ["mangahub chat join --room one-piece", 'mangahub chat send "hi"'],
  commands: [join, send, history, rooms, unread, users, outbox],
};
