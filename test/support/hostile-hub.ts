import { onTestFinished } from "vitest";
import type { ChatMessage } from "../../src/protocol/chat-message.js";
import type { CommandOf, CommandType } from "../../src/protocol/command.js";
import type { ServerEvent } from "../../src/protocol/event.js";
import type { RoomId } from "../../src/protocol/room-id.js";
import type { UserId } from "../../src/protocol/user-id.js";
import { type HubPeer, ScriptedHub } from "./scripted-hub.js";

const DIRECT = "dm:evil:nami" as RoomId;
const EVIL = "evil" as UserId;

/**
 * A hub that keeps to the protocol and puts `text` wherever that lets it put a text: into names, the name it gives its
 * guest, messages, notes, ids and times. It ends with the test.
 */
export async function startHostileHub(text: string): Promise<{ readonly hub: ScriptedHub; readonly url: string }> {
  const hub = await ScriptedHub.start();
  onTestFinished(() => hub.stop());
  void serve(hub, text);
  return { hub, url: hub.url };
}

async function serve(hub: ScriptedHub, text: string): Promise<void> {
  for (;;) {
    const peer = await hub.next();
    const user_id = (peer.url.searchParams.get("user_id") ?? "") as UserId;
    peer.welcome({
      user: { user_id, username: text, claimed: true },
      server: { server_id: text, version: text, protocol: 1 },
    });
    for (const [type, answer] of Object.entries(answersOf(user_id, text))) {
      // The table has the commands for keys.
      void answerEach(peer, type as CommandType, answer);
    }
  }
}

async function answerEach(peer: HubPeer, type: CommandType, answer: Answer): Promise<void> {
  for (;;) {
    const command = await peer.take(type);
    peer.say(answer(command as never), command.id);
  }
}

type Answer = (command: never) => ServerEvent;

function answersOf(user_id: UserId, text: string): Partial<Record<CommandType, Answer>> {
  const evil = { user_id: EVIL, username: text };
  const members = [evil, { user_id, username: text }];
  const room = { room_id: "general" as RoomId, epoch: "e1", head: 2, oldest: 1 };
  const messages = [messageOf(1, text), messageOf(2, text)];
  const direct = { ...messageOf(1, text), room_id: DIRECT };
  const unread = { head: 1, delivered: 0, read: 0, unread: 1 };
  return {
    subscribe: ({ payload }: CommandOf<"subscribe">) => ({
      type: "subscribed",
      payload: {
        topics: payload.topics ?? [],
        rooms: [
          { status: "ok", ...room, events: messages.map((message) => ({ type: "message.new", payload: message })) },
          {
            status: "ok",
            room_id: DIRECT,
            epoch: "e1",
            head: 1,
            events: [{ type: "message.new", payload: direct }],
            members,
          },
        ],
      },
    }),
    "conversation.list": () => ({
      type: "conversation.list",
      payload: { conversations: [{ room_id: DIRECT, kind: "direct", members, ...unread, last: direct }] },
    }),
    "history.get": () => ({ type: "history.page", payload: { ...room, messages } }),
    "room.list": () => ({ type: "room.list", payload: { rooms: [{ ...room, online: 2, last_at: text }] } }),
    "room.members": () => ({
      type: "room.members",
      payload: { members: members.map((member) => ({ ...member, rooms: [room.room_id] })), total: 2 },
    }),
    "presence.query": () => ({
      type: "presence.state",
      payload: { users: [{ ...evil, status: "away", note: text, devices: 1 }], total: 1 },
    }),
    ping: () => ({ type: "pong", payload: {} }),
    "mark.read": ({ payload }: CommandOf<"mark.read">) => ({ type: "marked", payload: { ...payload, ...unread } }),
    "message.send": () => ({ type: "error", payload: { code: "forbidden", message: text, retryable: false } }),
  };
}

function messageOf(seq: number, text: string): ChatMessage {
  return {
    id: `m${seq}`,
    user_id: EVIL,
    username: text,
    room_id: "general" as RoomId,
    message: text,
    timestamp: 1_700_000_000,
    created_at: "2026-11-21T10:00:00Z",
    seq,
  };
}
