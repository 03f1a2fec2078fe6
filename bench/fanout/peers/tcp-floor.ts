// What Node itself costs: the upgrade and the frames by hand on node:net, no library, nothing checked. Not a server to use.
import { createHash } from "node:crypto";
import { createServer, type Server, type Socket } from "node:net";
import { chatMessage, messageIn, Rooms, type Speaker, speakerOf } from "./chat-message.js";

type Room = { readonly members: ReadonlySet<Socket>; waiting: Buffer[] };

/** One write per member and message; or, `coalesced`, one per member and turn of the event loop. */
export function tcpFloor(coalesced: boolean): Server {
  const rooms = new Rooms<Socket>();
  const waiting = new Map<ReadonlySet<Socket>, Room>();
  const say = (members: ReadonlySet<Socket>, frame: Buffer) => {
    if (!coalesced) return writeAll(members, frame);
    if (waiting.size === 0) setImmediate(flush);
    const room = waiting.get(members) ?? { members, waiting: [] };
    room.waiting.push(frame);
    waiting.set(members, room);
  };
  const flush = () => {
    for (const room of waiting.values()) writeAll(room.members, Buffer.concat(room.waiting));
    waiting.clear();
  };
  return createServer({ noDelay: true }, (socket) => {
    socket.on("error", () => socket.destroy());
    let rest: Buffer = Buffer.alloc(0);
    let seat: { readonly speaker: Speaker; readonly members: ReadonlySet<Socket> } | undefined;
    socket.on("close", () => seat && rooms.leave(seat.speaker.room_id, socket));
    socket.on("data", (chunk: Buffer) => {
      rest = rest.length === 0 ? chunk : Buffer.concat([rest, chunk]);
      if (seat === undefined) {
        const end = rest.indexOf("\r\n\r\n");
        if (end === -1) return;
        const speaker = upgrade(socket, rest.toString("latin1", 0, end));
        seat = { speaker, members: rooms.join(speaker.room_id, socket) };
        rest = rest.subarray(end + 4);
      }
      for (let size = frameSize(rest); size !== undefined && size <= rest.length; size = frameSize(rest)) {
        const text = unmask(rest.subarray(0, size));
        rest = rest.subarray(size);
        say(seat.members, textFrame(JSON.stringify(chatMessage(seat.speaker, messageIn(text)))));
      }
    });
  });
}

function writeAll(members: ReadonlySet<Socket>, frame: Buffer): void {
  for (const member of members) member.write(frame);
}

function upgrade(socket: Socket, request: string): Speaker {
  const key = /^sec-websocket-key: *(\S+)/im.exec(request)?.[1] ?? "";
  const accept = createHash("sha1").update(`${key}258EAFA5-E914-47DA-95CA-C5AB0DC85B11`).digest("base64");
  socket.write(
    `HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Accept: ${accept}\r\n\r\n`,
  );
  return speakerOf(request.split(" ", 2)[1]);
}

/** The size of the client's frame that begins here; undefined until its header is there. Small frames only. */
function frameSize(bytes: Buffer): number | undefined {
  const short = (bytes[1] ?? 0) & 0x7f;
  if (bytes.length < 4) return undefined;
  return short < 126 ? 6 + short : 8 + bytes.readUInt16BE(2);
}

function unmask(frame: Buffer): string {
  const start = ((frame[1] ?? 0) & 0x7f) < 126 ? 6 : 8;
  const payload = Buffer.from(frame.subarray(start));
  for (let index = 0; index < payload.length; index += 1) {
    payload[index] = (payload[index] ?? 0) ^ (frame[start - 4 + (index & 3)] ?? 0);
  }
  return payload.toString();
}

function textFrame(text: string): Buffer {
  const length = Buffer.byteLength(text);
  const header = length < 126 ? [0x81, length] : [0x81, 126, length >> 8, length & 0xff];
  const frame = Buffer.allocUnsafe(header.length + length);
  frame.set(header);
  frame.write(text, header.length);
  return frame;
}
