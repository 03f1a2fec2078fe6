import type { RoomId } from "../../src/protocol/room-id.js";
import { trustUserId } from "../../src/protocol/user-id.js";
import { Device } from "../../src/server/hub/device.js";
import type { Encoder, Outlet } from "../../src/server/hub/outlet.js";
import type { Room } from "../../src/server/hub/room.js";

/** An outlet that keeps what it is given; a test says when it is behind. */
export class FakeOutlet implements Outlet {
  readonly variant: string;
  behind = false;
  /** Lines, and how many writes brought them. */
  readonly written: string[] = [];
  writes = 0;
  closedWith: number | undefined;

  constructor(variant = "plain") {
    this.variant = variant;
  }

  write(frames: Uint8Array): void {
    this.writes += 1;
    this.written.push(
      ...Buffer.from(frames)
        .toString("utf8")
        .split("\n")
        .filter((line) => line !== ""),
    );
  }

  close(code: number): void {
    this.closedWith = code;
  }
}

/** What a connection of this name would be let in with. */
export function fakeFacts(name: string, connection_id = name) {
  const user = { user_id: trustUserId(name.toLowerCase()), username: name };
  return { connection_id, user, claimed: true, address: "192.0.2.1", is_local: false, outlet: new FakeOutlet() };
}

export function fakeDevice(name: string, connection_id = name): Device & { readonly outlet: FakeOutlet } {
  // The outlet is the one given above.
  return new Device(fakeFacts(name, connection_id)) as Device & { readonly outlet: FakeOutlet };
}

/** Seats somebody who has read up to `position` and reads on from there. */
export function seat(room: Room, device: Device, position = 0): void {
  const wants = { messages: true, presence: false, typing: false };
  room.subscriptions.set(device, { device, room, position, live: true, wants });
}

/** One line a frame: what it is, and its number or the people there. */
export const encodePlainly: Encoder = (event, variant, { peer }) => {
  const suffix = peer === undefined ? "" : ` with ${peer.username}`;
  if (event.type === "message.new") return Buffer.from(`${event.payload.seq}${suffix}\n`);
  if (event.type === "presence.online" || event.type === "presence.offline") {
    return Buffer.from(`${event.type} ${event.payload.username} ${event.payload.online}\n`);
  }
  return variant === "plain" ? Buffer.from(`${event.type}\n`) : undefined;
};

export const ROOM = "general" as RoomId;
