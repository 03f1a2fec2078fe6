import { expect, it } from "vitest";
import { callPage } from "../../../src/session/call-page.js";

it.each([
  ["ws://127.0.0.1:9093", { call_id: "K7" }, "http://127.0.0.1:9093/?call=K7"],
  ["wss://chat.example.org/ws", { call_id: "a b&c" }, "https://chat.example.org/?call=a+b%26c"],
  ["https://example.org/manga/", { to: "Zoro #2" }, "https://example.org/manga/?call_to=Zoro+%232"],
  ["http://example.org/manga/ws/?x=1", { to: "zoro" }, "http://example.org/manga/?call_to=zoro"],
])("the page of a call on %s", (server_url, call, page) => {
  expect(callPage(server_url, call)).toBe(page);
});
