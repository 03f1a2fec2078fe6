import { describe, expect, it } from "vitest";
import { TypingNotices } from "../../../src/client/typing-notices.js";
import type { RoomId } from "../../../src/protocol/room-id.js";

const GENERAL = "general" as RoomId;
const MANGA = "one-piece" as RoomId;

describe("typing notices", () => {
  it("start at once, and again every three seconds at most", () => {
    const notices = new TypingNotices();
    const sent = [0, 100, 2999, 3000, 3100, 5999, 6000].filter((ms) => notices.change(GENERAL, true, ms) !== undefined);
    expect(sent).toEqual([0, 3000, 6000]);
  });

  it("are of one room each", () => {
    const notices = new TypingNotices();
    expect(notices.change(GENERAL, true, 0)).toBe("typing.start");
    expect(notices.change(MANGA, true, 1)).toBe("typing.start");
    expect(notices.change(GENERAL, false, 2)).toBe("typing.stop");
    expect(notices.change(MANGA, false, 3)).toBe("typing.stop");
  });

  it("stop once, and only what was started; the pause counts on", () => {
    const notices = new TypingNotices();
    expect(notices.change(GENERAL, false, 0)).toBeUndefined();
    notices.change(GENERAL, true, 0);
    expect(notices.change(GENERAL, false, 10)).toBe("typing.stop");
    expect(notices.change(GENERAL, false, 20)).toBeUndefined();
    expect(notices.change(GENERAL, true, 2999)).toBeUndefined();
    expect(notices.change(GENERAL, false, 2999)).toBeUndefined();
    expect(notices.change(GENERAL, true, 3000)).toBe("typing.start");
  });
});
