import { Socket } from "node:net";
import type { Duplex } from "node:stream";
import { TLSSocket } from "node:tls";

/** What Node keeps a write under way by. */
type WriteRequest = { oncomplete?: () => void; buffer?: Uint8Array };

/** Node's own way from a socket to the kernel. */
type Binding = {
  readonly WriteWrap: new () => WriteRequest;
  /** Facts about the last write; the one at `kLastWriteWasAsync` is 0 if the kernel took all of it. */
  readonly streamBaseState: ArrayLike<number>;
  readonly kLastWriteWasAsync: number;
};

/** What a net.Socket writes to: bytes go to the kernel at once, the rest follows. Answers 0, or a system error. */
export type TcpHandle = { writeBuffer(request: WriteRequest, bytes: Uint8Array): number };

/** The handle of a plain TCP socket. Undefined for all other streams, and where Node is not as this file knows it. */
export function tcpHandleOf(socket: Duplex): TcpHandle | undefined {
  if (BINDING === undefined || !(socket instanceof Socket) || socket instanceof TLSSocket) return undefined;
  const { _handle: handle }: { readonly _handle?: Partial<TcpHandle> | null } = socket as object;
  // The field is Node's own, so its type is looked at here and not taken on trust.
  return typeof handle?.writeBuffer === "function" ? (handle as TcpHandle) : undefined;
}

/**
 * Writes past the stream, which makes a request and a callback for each write: a tenth of what a delivery costs. Only for
 * a socket whose stream has nothing waiting. `taken`: the kernel has all of it. A request: the kernel has a part, Node
 * keeps the rest, before all that is written later, and calls the request's `oncomplete` when that is gone, too, or lost
 * with the connection. `failed`: the connection is broken.
 */
export function writeToHandle(handle: TcpHandle, bytes: Uint8Array): "taken" | "failed" | WriteRequest {
  if (BINDING === undefined) return "failed";
  const request = spare ?? new BINDING.WriteWrap();
  spare = request;
  if (handle.writeBuffer(request, bytes) !== 0) return "failed";
  // A request that was not needed serves the next write.
  if (BINDING.streamBaseState[BINDING.kLastWriteWasAsync] === 0) return "taken";
  spare = undefined;
  // Nobody else keeps the bytes until they are gone.
  request.buffer = bytes;
  return request;
}

let spare: WriteRequest | undefined;

const BINDING = findBinding();

/** Undefined if this Node has no such thing, does not let it be had, or has changed it. */
function findBinding(): Binding | undefined {
  try {
    const { binding }: { readonly binding?: (name: string) => unknown } = process as object;
    const found = binding?.("stream_wrap") as Partial<Binding> | undefined;
    const isKnown =
      typeof found?.WriteWrap === "function" &&
      typeof found.kLastWriteWasAsync === "number" &&
      typeof found.streamBaseState?.[found.kLastWriteWasAsync] === "number";
    return isKnown ? (found as Binding) : undefined;
  } catch {
    return undefined;
  }
}
