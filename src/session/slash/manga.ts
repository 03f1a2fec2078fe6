import { enterNamed } from "./join.js";
import type { SlashCommand } from "./slash-command.js";

export const manga: SlashCommand = {
  name: "manga",
  usage: "<manga-id>",
  summary: "go to the room of a manga, such as /manga one-piece",
  completes: "rooms",
  run: enterNamed,
};
