import type { SlashCommand } from "./slash-command.js";

export const clear: SlashCommand = {
  name: "clear",
  usage: "",
  summary: "clear the screen; the messages stay on the server",
  run(session) {
    const { current: room_id } = session.store.getState();
    session.store.dispatch({ type: "room.cleared", room_id });
  },
};
