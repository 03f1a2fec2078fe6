import { describe, expect, it } from "vitest";
import { type ChatState, initialState } from "../../../../src/chat/chat-state.js";
import { LinkReporter } from "../../../../src/cli/plain/link-reporter.js";
import type { RoomId } from "../../../../src/protocol/room-id.js";
import type { UserId } from "../../../../src/protocol/user-id.js";

const NOW = 1_700_000_000_000;

function report(): { said: string[]; see: (link: ChatState["link"], waiting?: number) => void } {
  const said: string[] = [];
  const reporter = new LinkReporter(
    (text) => said.push(text),
    () => NOW,
  );
  const state = initialState({ user_id: "nami" as UserId, username: "Nami" }, "general" as RoomId);
  const see = (link: ChatState["link"], waiting = 0): void => {
    const kept = new Map(Array.from({ length: waiting }, (_, index) => [`c${index}`, {}]));
    // Only their number is read.
    reporter.update({ ...state, link, waiting: kept as never });
  };
  return { said, see };
}

describe("the link reporter", () => {
  it("says in how many seconds it reconnects, and how much waits", () => {
    const { said, see } = report();
    see({ status: "ready", attempt: 0 });
    see({ status: "waiting", attempt: 1, retry_at: NOW + 2400 }, 12);
    see({ status: "waiting", attempt: 1, retry_at: NOW + 2400 }, 13);
    expect(said).toEqual(["the connection is lost; reconnecting in 3 s; 12 waiting"]);
  });

  it("tells fewer and fewer of many attempts, and the end of them", () => {
    const { said, see } = report();
    for (let attempt = 1; attempt <= 9; attempt += 1) {
      see({ status: "waiting", attempt, retry_at: NOW + attempt * 1000 });
      see({ status: "connecting", attempt });
    }
    see({ status: "ready", attempt: 9 });
    see({ status: "waiting", attempt: 1, retry_at: NOW });
    expect(said).toEqual([
      "the connection is lost; reconnecting in 1 s",
      "reconnecting in 2 s",
      "reconnecting in 4 s",
      "reconnecting in 8 s",
      "connected again",
      "the connection is lost; reconnecting in 0 s",
    ]);
  });
});
