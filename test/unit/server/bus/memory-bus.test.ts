import { describe, expect, it } from "vitest";
import type { Hint } from "../../../../src/server/bus/bus.js";
import { createMemoryBus } from "../../../../src/server/bus/memory-bus.js";
import { ROOM } from "../../../support/fake-device.js";

describe("the memory bus", () => {
  it("lets everybody hear a hint, the publisher too, until they stop listening", () => {
    const bus = createMemoryBus();
    const heard: (readonly Hint[])[] = [];
    const stop = bus.subscribe((hints) => heard.push(hints));
    bus.subscribe((hints) => heard.push(hints));
    const hints = [{ room_id: ROOM, epoch: "e", events: [] }];
    bus.publish(hints);
    stop();
    bus.publish(hints);
    expect(heard).toEqual([hints, hints, hints]);
  });
});
