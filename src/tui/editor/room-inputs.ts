import { type EditorState, emptyEditor } from "./editor-state.js";

/** The inputs of all rooms: each keeps its draft, its history and its place while another room is in sight. */
export type RoomInputs = ReadonlyMap<string, EditorState>;

/** Rooms whose input is kept; beyond that the one that was used longest ago goes, of those that hold no draft. */
const MAX_ROOMS = 256;

export function inputOf(inputs: RoomInputs, room_id: string): EditorState {
  return inputs.get(room_id) ?? emptyEditor();
}

/** The inputs with a room's new state. */
export function withInput(inputs: RoomInputs, room_id: string, state: EditorState): RoomInputs {
  const next = new Map(inputs);
  next.delete(room_id);
  next.set(room_id, state);
  const [oldest] = [...next].find(([, { text }]) => text === "") ?? [];
  if (next.size > MAX_ROOMS && oldest !== undefined) next.delete(oldest);
  return next;
}
