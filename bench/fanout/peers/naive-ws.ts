import { createServer, type Server } from "node:http";
import { WebSocket, WebSocketServer } from "ws";
import { chatMessage, messageIn, Rooms, speakerOf } from "./chat-message.js";

/** The chat server everybody writes with `ws`: for each member JSON.stringify() and send(). */
export function naiveWs(): Server {
  return wsServer((message) => () => JSON.stringify(message));
}

/** The same by somebody who has thought about it: JSON.stringify() once, then send() for each member. */
export function wsOnce(): Server {
  return wsServer((message) => {
    const text = JSON.stringify(message);
    return () => text;
  });
}

/** `textFor` makes of a message what is asked for once for each member. */
function wsServer(textFor: (message: object) => () => string): Server {
  const http = createServer();
  const wss = new WebSocketServer({ server: http });
  const rooms = new Rooms<WebSocket>();
  wss.on("connection", (ws, request) => {
    const speaker = speakerOf(request.url);
    const members = rooms.join(speaker.room_id, ws);
    ws.on("message", (data: Buffer) => {
      const text = textFor(chatMessage(speaker, messageIn(data.toString())));
      for (const member of members) if (member.readyState === WebSocket.OPEN) member.send(text());
    });
    ws.on("error", () => ws.terminate());
    ws.on("close", () => rooms.leave(speaker.room_id, ws));
  });
  return http;
}
