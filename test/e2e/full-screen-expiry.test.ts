import { expect, it } from "vitest";
import { WebSocketClient } from "../../src/client/node.js";
import { gone, joinOnScreen, seen } from "../support/full-screen.js";

it("a message whose time is over leaves the screen", async () => {
  const { machine, terminal } = await joinOnScreen({ name: "nami" });
  const zoro = new WebSocketClient(`${machine.url}/ws`, "zoro", "zoro");
  try {
    await zoro.connect("general");
    await zoro.sendMessage("the treasure is here", { expires_at: new Date(Date.now() + 4000).toISOString() });
    await seen(terminal, "the treasure is here");
    await seen(terminal, /zoro │ \(expired\)/);
    await gone(terminal, "the treasure is here");
  } finally {
    await zoro.disconnect();
  }
  expect(await machine.ok(["chat", "history"])).toContain("(expired)");
});
