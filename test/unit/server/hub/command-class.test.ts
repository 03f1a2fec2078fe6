import { expect, it } from "vitest";
import { CLASS_WORDS, classOf } from "../../../../src/server/hub/command-class.js";
import { COMMAND_PAYLOADS } from "../../../../src/protocol/command.js";

it("commands are limited by class, and those without one as other requests", () => {
  const known = Object.keys(COMMAND_PAYLOADS).filter((type) => classOf(type) === "other");
  expect(known).toEqual(expect.arrayContaining(["ping", "authenticate", "room.list", "room.members"]));
  for (const type of known) expect(type).not.toMatch(/^(message|typing|mark|call|history)\./);
  expect(["message.send", "typing.start", "call.ice", "mark.read", "weather.ask"].map(classOf)).toEqual([
    "message",
    "typing",
    "call",
    "mark",
    "other",
  ]);
  expect(Object.keys(CLASS_WORDS)).toEqual(expect.arrayContaining(Object.keys(COMMAND_PAYLOADS).map(classOf)));
});
