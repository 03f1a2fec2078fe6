import type { WebSocket } from "ws";

/** What is used of the library beyond its interface; test/unit/server/sockets/ws-internals.test.ts says if a release changes it. */
type Internals = {
  readonly _receiver?: {
    readonly prependListener?: unknown;
    /** 0 between frames. */
    readonly _state?: unknown;
    /** Of a header that has begun. */
    readonly _bufferedBytes?: unknown;
    /** The opcode of a message whose last fragment has not come; 0 between messages. */
    readonly _fragmented?: unknown;
  };
};

/**
 * Calls the listener with what is wrong with a frame, before the library closes the connection for it without a reason.
 * Never calls it where the library does not let that be known.
 */
export function onFrameError(ws: WebSocket, listener: (error: Error) => void): void {
  const { _receiver: receiver } = ws as unknown as Internals;
  if (typeof receiver?.prependListener === "function") receiver.prependListener("error", listener);
}

/** Whether a message has begun to arrive and not ended. False, too, where the library does not let it be known. */
export function isMidMessage(ws: WebSocket): boolean {
  // The library's types leave out what is its own; each field is checked by itself.
  const { _receiver: receiver } = ws as unknown as Internals;
  return isSet(receiver?._state) || isSet(receiver?._bufferedBytes) || isSet(receiver?._fragmented);
}

function isSet(field: unknown): boolean {
  return typeof field === "number" && field !== 0;
}
