import { once } from "node:events";
import { connect, createServer, type AddressInfo, type Socket } from "node:net";
import { PassThrough } from "node:stream";
import { TLSSocket } from "node:tls";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { type TcpHandle, tcpHandleOf, writeToHandle } from "../../../../src/server/sockets/tcp-handle.js";

const PIECE = 48 * 1024;

/** So many bytes, of which each tells which piece it belongs to. */
function piece(number: number): Buffer {
  return Buffer.alloc(PIECE, number % 251);
}

describe("a socket's handle", () => {
  const listener = createServer();
  let near: Socket;
  let far: Socket;
  let handle: TcpHandle;

  beforeEach(async () => {
    await once(listener.listen(0, "127.0.0.1"), "listening");
    far = connect((listener.address() as AddressInfo).port, "127.0.0.1");
    [near] = await once(listener, "connection");
    near.on("error", () => undefined);
    far.on("error", () => undefined);
    // A Node that has changed what is used of it fails here; the hub then writes through the stream.
    const found = tcpHandleOf(near);
    if (found === undefined) throw new Error(`Node ${process.version} has no handle as tcp-handle.ts knows it`);
    handle = found;
  });

  afterEach(async () => {
    near.destroy();
    far.destroy();
    listener.close();
    await once(listener, "close");
  });

  /** Writes pieces until the kernel leaves one to Node; answers how many that were. */
  function fill(onOver: () => void): number {
    for (let number = 0; ; number += 1) {
      const outcome = writeToHandle(handle, piece(number));
      if (outcome === "taken") continue;
      if (outcome === "failed") throw new Error("the connection is broken");
      outcome.oncomplete = onOver;
      return number + 1;
    }
  }

  it("takes what the kernel has room for, without a trace in the stream", async () => {
    expect(writeToHandle(handle, Buffer.from("hello"))).toBe("taken");
    expect(near.writableLength).toBe(0);
    const [data] = await once(far, "data");
    expect(String(data)).toBe("hello");
  });

  it("keeps the rest for a reader that is slow, in order before what the stream writes later", async () => {
    let over = 0;
    const written = fill(() => (over += 1));
    // Garbage would be written over what nobody keeps.
    const later = Array.from({ length: 20 }, (_, index) => piece(written + index));
    for (const bytes of later) near.write(bytes);
    expect(over).toBe(0);
    const wanted = (written + later.length) * PIECE;
    let read = 0;
    for await (const chunk of far) {
      for (const byte of chunk as Buffer) {
        if (byte !== Math.floor(read / PIECE) % 251) throw new Error(`byte ${read} is ${byte}`);
        read += 1;
      }
      if (read === wanted) break;
    }
    expect(over).toBe(1);
    expect(read).toBe(wanted);
  });

  it("ends with its connection, and says so to whoever waits", async () => {
    const lost = new Promise<void>((resolve) => fill(resolve));
    near.destroy();
    await lost;
    expect(writeToHandle(handle, Buffer.from("too late"))).toBe("failed");
  });

  it("says when the other side is gone", async () => {
    // The reset itself is an error, which `once` would reject with.
    const closed = new Promise((resolve) => near.once("close", resolve));
    near.resume();
    far.resetAndDestroy();
    await closed;
    expect(writeToHandle(handle, Buffer.from("too late"))).toBe("failed");
  });

  it("is not looked for behind TLS and other streams", () => {
    expect(tcpHandleOf(new TLSSocket(near))).toBeUndefined();
    expect(tcpHandleOf(new PassThrough())).toBeUndefined();
  });
});
