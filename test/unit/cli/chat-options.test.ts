import { describe, expect, it } from "vitest";
import {
  historyOptions,
  joinOptions,
  outboxOptions,
  sendOptions,
  usersOptions,
} from "../../../src/cli/chat-options.js";

const NOON = Date.parse("2026-11-21T12:00:00Z");
const given = (options: Record<string, unknown>) => ({ options, args: [] });

describe("the room of a chat command", () => {
  it("is --room or --manga-id, which mean the same", () => {
    expect(joinOptions(given({ room: "one-piece" }))).toEqual({ room: "one-piece", plain: false });
    expect(joinOptions(given({ mangaId: "one-piece", plain: true }))).toEqual({ room: "one-piece", plain: true });
    expect(usersOptions(given({ room: "a", mangaId: "a" }))).toEqual({ room: "a" });
    expect(usersOptions(given({}))).toEqual({});
    expect(usersOptions(given({ room: "One Piece", mangaId: "one-piece" }))).toEqual({ room: "one-piece" });
    expect(usersOptions(given({ room: "#General" }))).toEqual({ room: "general" });
    expect(usersOptions(given({ room: "JoJo's Bizarre Adventure: Part 2" }))).toEqual({
      room: "jojos-bizarre-adventure-part-2",
    });
  });

  it.each([{ room: "a", mangaId: "b" }, { room: "" }, { mangaId: "../x" }, { room: "dm:a:b" }])(
    "is refused as %j",
    (options) => {
      expect(() => usersOptions(given(options))).toThrow(expect.objectContaining({ exit: "usage" }));
    },
  );
});

describe("what is sent", () => {
  it("goes to a room or to a person, never to both", () => {
    expect(sendOptions(given({ to: "nami", replyTo: "7" }))).toEqual({ to: "nami", reply_to: 7 });
    expect(() => sendOptions(given({ to: "nami", room: "a" }))).toThrow("--to and --room exclude each other");
  });

  it.each(["0", "-1", "1.5", "x", "", "9".repeat(16)])("cannot answer message %j", (replyTo) => {
    expect(() => sendOptions(given({ replyTo }))).toThrow("--reply-to is");
  });
});

describe("the history that is asked for", () => {
  it.each([
    ["2h", NOON - 7_200_000],
    ["1d ago", NOON - 86_400_000],
    ["90 s", NOON - 90_000],
    ["2026-11-21T10:00:00Z", NOON - 7_200_000],
    ["2026-11-21", new Date(2026, 10, 21).getTime()],
    ["2026-11-21 10:00", new Date(2026, 10, 21, 10).getTime()],
    ["2026-11-21T19:00+09:00", NOON - 7_200_000],
  ])("may start %s", (since, since_ms) => {
    expect(historyOptions(given({ since }), NOON)).toEqual({ since_ms, follow: false });
  });

  it.each([
    "yesterday",
    "2h later",
    "-2h",
    "2026",
    "2026-13-40",
    "2026-02-30",
    "2026-11-21 25:00",
    "2026-11-21T10:00+99:00",
    "Jan 1 2026",
    "",
  ])("cannot start %j", (since) => {
    expect(() => historyOptions(given({ since }), NOON)).toThrow("--since is");
  });

  it("may be of any length", () => {
    expect(historyOptions(given({ limit: "1000000", before: "9", follow: true }), NOON)).toEqual({
      limit: 1_000_000,
      before: 9,
      follow: true,
    });
  });

  it("is of a room or with a person, never both", () => {
    expect(() => historyOptions(given({ to: "nami", room: "a" }), NOON)).toThrow("exclude each other");
  });
});

describe("the outbox", () => {
  it("is listed, sent again or dropped from", () => {
    expect(outboxOptions(given({}))).toEqual({ retry: false });
    expect(outboxOptions(given({ drop: "all" }))).toEqual({ retry: false, drop: "all" });
    expect(() => outboxOptions(given({ drop: "x", retry: true }))).toThrow("exclude each other");
  });
});
