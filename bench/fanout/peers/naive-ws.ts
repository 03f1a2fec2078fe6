// The chat server everybody writes with `ws`: text made once, then send() in a loop.
import { createServer, type Server } from "node:http";
import { WebSocket, WebSocketServer } from "ws";
import { chatMessage, messageIn, Rooms, speakerOf } from "./chat-message.js";

export function naiveWs(): Server {
  const http = createServer();
  const wss = new WebSocketServer({ server: http });
  const rooms = new Rooms<WebSocket>();
  wss.on("connection", (ws, request) => {
    const speaker = speakerOf(request.url);
    const members = rooms.join(speaker.room_id, ws);
    ws.on("message", (data: Buffer) => {
      const text = JSON.stringify(chatMessage(speaker, messageIn(data.toString())));
      for (const member of members) if (member.readyState === WebSocket.OPEN) member.send(text);
    });
    ws.on("error", () => ws.terminate());
    ws.on("close", () => rooms.leave(speaker.room_id, ws));
  });
  return http;
}
