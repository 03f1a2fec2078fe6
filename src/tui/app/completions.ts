import { type ChatState, currentRoom } from "../../chat/chat-state.js";
import { roomKind } from "../../protocol/room-id.js";
import type { SlashCommand } from "../../session/slash/slash-command.js";
import { SLASH_COMMANDS } from "../../session/slash/table.js";
import { completionQuery } from "../editor/completion.js";
import type { Candidate, CompletionOffer, EditorState } from "../editor/editor-state.js";
import { showableLine } from "../text/clean.js";

/** Where candidates come from: the chat, and the rooms the server has listed. */
export type CompletionSources = { readonly state: ChatState; readonly listedRooms: readonly string[] };

/** Candidates for the word before the cursor; none where there is nothing to complete. */
export function completionsFor(editor: EditorState, sources: CompletionSources): CompletionOffer {
  const { word, from, to, first } = completionQuery(editor);
  return { from, to, candidates: candidatesFor({ word, first, before: editor.text.slice(0, from) }, sources) };
}

/** Candidates shown without being asked for: commands, while one is being typed. */
export function unaskedCompletions(editor: EditorState): CompletionOffer | undefined {
  const { word, from, to, first } = completionQuery(editor);
  const isTyping = first && /^\/[a-z]*$/i.test(word) && editor.cursor === editor.text.length;
  if (!isTyping) return undefined;
  const candidates = commandCandidates(word);
  // What is written in full needs no suggestion.
  return candidates.some(({ text }) => text.trimEnd() === word) ? undefined : { from, to, candidates };
}

type Query = { readonly word: string; readonly first: boolean; readonly before: string };

function candidatesFor({ word, first, before }: Query, sources: CompletionSources): readonly Candidate[] {
  if (first && word.startsWith("/") && !word.startsWith("//")) return commandCandidates(word);
  const command = commandBefore(before);
  if (command?.completes === "rooms") return roomCandidates(word, sources);
  if (command?.completes === "people") return personCandidates(word, sources.state);
  return word === "" ? [] : nameCandidates(word, first, sources.state);
}

/** The command whose first argument is being written. */
function commandBefore(before: string): SlashCommand | undefined {
  const name = /^\/(\S+)\s+$/.exec(before)?.[1]?.toLowerCase();
  return SLASH_COMMANDS.find((command) => command.name === name);
}

function commandCandidates(word: string): readonly Candidate[] {
  return SLASH_COMMANDS.filter(({ name }) => `/${name}`.startsWith(word.toLowerCase())).map(
    ({ name, usage, summary }) => ({
      text: usage === "" ? `/${name}` : `/${name} `,
      label: `/${name} ${usage}`.trimEnd(),
      help: summary,
    }),
  );
}

function roomCandidates(word: string, { state, listedRooms }: CompletionSources): readonly Candidate[] {
  const known = [...state.rooms.keys()].filter((room_id) => roomKind(room_id) === "public");
  const wanted = word.replace(/^#/, "").toLowerCase();
  return [...new Set([...known, ...listedRooms])]
    .filter((room_id) => room_id.startsWith(wanted) && room_id !== state.current)
    .sort()
    .map((room_id) => ({ text: room_id, label: `#${room_id}` }));
}

/** For `/pm`: names with spaces are quoted there. */
function personCandidates(word: string, state: ChatState): readonly Candidate[] {
  return peopleLike(word.replace(/^[@"]+/, ""), state).map((name) => ({
    text: `${/\s/.test(name) ? `"${name}"` : name} `,
    label: name,
  }));
}

function nameCandidates(word: string, first: boolean, state: ChatState): readonly Candidate[] {
  const isAt = word.startsWith("@");
  const end = first && !isAt ? ": " : " ";
  return peopleLike(isAt ? word.slice(1) : word, state).map((name) => ({
    text: `${isAt ? "@" : ""}${name}${end}`,
    label: name,
  }));
}

/** Those in the room, those who spoke last first, and the people of direct rooms. */
function peopleLike(start: string, state: ChatState): readonly string[] {
  const room = currentRoom(state);
  const speakers = room.entries.flatMap((entry) => (entry.kind === "message" ? [entry.message] : [])).toReversed();
  const peers = [...state.rooms.values()].flatMap(({ peer }) => (peer === undefined ? [] : [peer]));
  const people = [...speakers, ...room.people.values(), ...peers].filter(
    ({ user_id }) => user_id !== state.self.user_id,
  );
  const wanted = start.toLowerCase();
  // What is completed stands in the input line, as if somebody had typed it.
  const names = new Set(people.map(({ username }) => showableLine(username)));
  return [...names].filter((name) => name.toLowerCase().startsWith(wanted));
}
