#!/usr/bin/env bash
# ws 8.23.0 (npm), Node 20: the receiver's options maxFragments and maxBufferedChunks bound two different things, the frames of one
# message and the pieces in which the network delivers one frame. Guess: the application can tell which of the two was exceeded.
# Seen: both end with the same error code, WS_ERR_TOO_MANY_BUFFERED_PARTS, and a close frame 1008 without a reason; only the
# English sentence of the error differs. The peer is told nothing but 1008. A server that wants to say which limit it was has to
# look at the sentence, and to write the close frame itself before ws does.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
npm init -y >/dev/null
npm install --silent --no-audit --no-fund ws@8.23.0
cat > run.mjs <<'JS'
import { createHash } from "node:crypto";
import { once } from "node:events";
import { connect } from "node:net";
import { WebSocketServer } from "ws";

const MASK = Buffer.from([1, 2, 3, 4]);
function frame(first, length, payload = Buffer.alloc(length, 97)) {
  const head = length < 126 ? Buffer.from([first, 0x80 | length]) : Buffer.from([first, 0xfe, length >> 8, length & 255]);
  return Buffer.concat([head, MASK, payload.map((byte, index) => byte ^ MASK[index & 3])]);
}

/** Upgrades, sends the pieces one after the other, and tells how it ended. */
async function run(options, pieces) {
  const server = new WebSocketServer({ host: "127.0.0.1", port: 0, ...options });
  await once(server, "listening");
  const failed = new Promise((resolve) => server.on("connection", (ws) => ws.on("error", resolve)));
  const socket = connect(server.address().port, "127.0.0.1").setNoDelay(true);
  const key = createHash("sha1").update("x").digest("base64").slice(0, 22) + "==";
  socket.write(`GET / HTTP/1.1\r\nHost: a\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: ${key}\r\n\r\n`);
  const received = [];
  socket.on("data", (data) => received.push(data));
  await once(socket, "data");
  let isOver = false;
  failed.then(() => (isOver = true));
  for (const piece of pieces) {
    if (isOver) break;
    await new Promise((resolve) => socket.write(piece, resolve));
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
  const error = await failed;
  if (!socket.readableEnded) await once(socket, "end").catch(() => {});
  const answer = Buffer.concat(received);
  const close = answer.subarray(answer.indexOf("\r\n\r\n") + 4);
  socket.destroy();
  server.close();
  return { code: error.code, message: error.message, close_code: close.readUInt16BE(2), reason_bytes: close[1] - 2 };
}

const fragments = [frame(0x01, 4), ...Array.from({ length: 8 }, () => frame(0x00, 4)), frame(0x80, 4)];
const whole = frame(0x81, 1000);
const pieces = Array.from({ length: 100 }, (_, index) => whole.subarray(index * 11, index * 11 + 11));
const found = [await run({ maxFragments: 4 }, fragments), await run({ maxBufferedChunks: 4 }, pieces)];
console.log(JSON.stringify(found, null, 2));
const [one, two] = found;
const same = one.code === "WS_ERR_TOO_MANY_BUFFERED_PARTS" && two.code === one.code;
const silent = found.every(({ close_code, reason_bytes }) => close_code === 1008 && reason_bytes === 0);
if (!same || !silent || one.message === two.message) throw new Error("this has changed");
JS
node run.mjs
echo "as described"
