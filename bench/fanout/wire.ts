/**
 * How the load generator speaks to a server. In `path` and `message`, %r is the room, %u the user, %t the text, %n a
 * name that no other message of the user has.
 */
export type Wire = {
  readonly path: string;
  /** A text frame of a client. */
  readonly message: string;
  /** Header lines of the upgrade request, each with its end of line. */
  readonly headers?: string;
  /** A connection is one once the server has said this; without it, as soon as the upgrade is answered. */
  readonly ready_on?: string;
  /** What to say first, and after which words of the server. */
  readonly greeting?: { readonly on: string; readonly say: string };
  /** Engine.IO's heartbeat: the frame `2` is answered by `3`. */
  readonly heartbeat?: boolean;
};

const QUERY = "user_id=%u&username=%u";

/** Seed 1's way, spoken by mangahub and by the peers that are plain WebSocket servers. */
export const ROOM_WIRE: Wire = { path: `/ws/%r?${QUERY}`, message: '{"message":"%t"}' };

export const MANGAHUB_V1_WIRE: Wire = {
  path: `/ws/%r?${QUERY}`,
  headers: "Sec-WebSocket-Protocol: mangahub.v1\r\n",
  ready_on: '"type":"connected"',
  message: '{"id":"%n","type":"message.send","payload":{"room_id":"%r","client_id":"%n","message":"%t"}}',
};

export const SOCKET_IO_WIRE: Wire = {
  path: `/socket.io/?EIO=4&transport=websocket&room=%r&${QUERY}`,
  greeting: { on: '"pingInterval"', say: "40" },
  ready_on: '40{"sid"',
  heartbeat: true,
  message: '42["message",{"message":"%t"}]',
};

/** nchan adds nothing to what is published, so the client says the whole message. */
export const NCHAN_WIRE: Wire = {
  path: "/ws/%r",
  message:
    '{"id":"0f0c9e2e-8f3a-4d0e-9a55-7a3c6f0d1b2c","user_id":"%u","username":"%u","room_id":"%r","message":"%t","timestamp":1767225600,"created_at":"2026-01-01T00:00:00.000Z"}',
};
