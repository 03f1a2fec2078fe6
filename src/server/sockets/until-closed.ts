import type { WebSocket } from "ws";

/** What `start` resolves with; undefined if the connection closes first, and then what it returned is called. */
export function untilClosed<T>(
  ws: WebSocket,
  start: (resolve: (value: T) => void) => (() => void) | void,
): Promise<T | undefined> {
  return new Promise((resolve) => {
    const onClose = () => {
      cancel?.();
      resolve(undefined);
    };
    ws.once("close", onClose);
    const cancel = start((value) => {
      ws.off("close", onClose);
      resolve(value);
    });
  });
}
