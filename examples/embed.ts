// A server with a page of its own and a chat hub inside. Build first, then: node examples/embed.ts (Node 23+), or bundle it.
import { createServer } from "node:http";
import { createChatServer } from "mangahub";

const http = createServer((_request, response) => {
  response.end("this server's own page\n");
});
const chat = createChatServer({ database: "embedded-hub.db", settings: { limits: { messages_per_second: 5 } } });
await chat.attach(http);
http.listen(8080, "127.0.0.1", () => {
  process.stdout.write("http://127.0.0.1:8080, chat on ws://127.0.0.1:8080/ws/general\n");
});

await chat.sendMessage({ room_id: "general", message: "the server is up" });

process.once("SIGINT", () => {
  void chat.stop().then(() => http.close());
});
