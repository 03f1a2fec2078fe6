// A server with pages of its own and a chat hub inside. Build first, then: node examples/embed.ts (Node 23+), or bundle it.
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { createChatServer } from "mangahub";

const { PORT = "8080", DATABASE = "embedded-hub.db" } = process.env;
const chat = createChatServer({ database: DATABASE, settings: { limits: { messages_per_second: 5 } } });

const http = createServer((request, response) => {
  if (/^\/(health|live|ready)$/.test(request.url ?? "")) return chat.handleRequest(request, response);
  // A page of this server's own: the hub's figures.
  response.setHeader("Content-Type", "application/json");
  response.end(JSON.stringify(chat.getStats() ?? null));
});

/** What a client has to send with `quiz.answer`. */
function answerOf(payload: unknown): string {
  const { answer } = payload as { readonly answer?: unknown };
  if (typeof answer !== "string") throw new TypeError("answer: a text");
  return answer.trim().toLowerCase();
}

// A command of this program's own: whoever asks is told, and everybody else in the room hears of a right answer.
chat.handle(
  "quiz.answer",
  ({ user, connection_id, payload, reply, fail }) => {
    if (payload !== "whitebeard") {
      fail("forbidden", "no, try again");
      return;
    }
    reply("quiz.right", { points: 10 });
    chat.send({
      to: { room_id: "general" },
      type: "quiz.won",
      payload: { username: user.username },
      except: { connection_id },
    });
  },
  { schema: answerOf },
);

await chat.attach(http);
http.listen(Number(PORT), "127.0.0.1", () => {
  // A TCP server's address is never a string.
  const { port } = http.address() as AddressInfo;
  process.stdout.write(`http://127.0.0.1:${port}, chat on ws://127.0.0.1:${port}/ws/general\n`);
});

await chat.sendMessage({ room_id: "general", message: "the server is up" });

process.once("SIGINT", () => {
  void chat.stop().then(() => http.close());
});
