// A bot that greets: node examples/bot.ts ws://127.0.0.1:9093 one-piece
import { WebSocketClient } from "mangahub/client";

const [url = "ws://127.0.0.1:9093", room = "general"] = process.argv.slice(2);
const bot = new WebSocketClient(url, "greeter-bot", "greeter", { retryFirst: true });
await bot.connect(room);

for await (const message of bot.messages()) {
  if (/^hello\b/i.test(message.message) && message.username !== "greeter") {
    await bot.sendMessage(`hello ${message.username}`, { reply_to: message.seq });
  }
}
