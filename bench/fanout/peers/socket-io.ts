// Socket.IO as its documentation shows a chat: a room, and an event for everybody in it.
import { createServer, type Server as HttpServer } from "node:http";
import { Server } from "socket.io";
import { chatMessage, speakerOf } from "./chat-message.js";

export function socketIo(): HttpServer {
  const http = createServer();
  const io = new Server(http);
  io.on("connection", (socket) => {
    const speaker = speakerOf(socket.request.url);
    void socket.join(speaker.room_id);
    socket.on("message", ({ message }: { readonly message: string }) => {
      io.to(speaker.room_id).emit("message", chatMessage(speaker, message));
    });
  });
  return http;
}
