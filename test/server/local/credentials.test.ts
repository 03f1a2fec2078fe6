import { describe, expect, it } from "vitest";
import { Credentials, type StoredLogin } from "../../../src/cli/credentials.js";
import { temporaryDirectory } from "../../support/temporary-directory.js";

async function open() {
  const data_dir = await temporaryDirectory();
  const said: string[] = [];
  const paths = { data_dir, config_file: "", config_named: false };
  const output = { say: (text: string) => void said.push(text) };
  return { credentials: new Credentials({ paths, output }), data_dir, said };
}

function loginAt(url: string, session_id: string): StoredLogin {
  const times = { issued_at: "2026-01-01T00:00:00.000Z", expires_at: "2027-01-01T00:00:00.000Z" };
  return {
    server_id: "hub-1",
    url,
    user_id: "nami",
    username: "Nami",
    session_id,
    token: `token-${session_id}`,
    ...times,
  };
}

describe("logins", () => {
  it("are kept by address, so that a server that claims another's id takes no login's place", async () => {
    const { credentials } = await open();
    const [real, fake] = [loginAt("wss://chat.example", "1"), loginAt("wss://fake.example", "2")];
    expect(await credentials.save(real)).toBeUndefined();
    expect(await credentials.save(fake)).toBeUndefined();
    expect(await credentials.find("https://chat.example/ws")).toEqual(real);
    expect(await credentials.save({ ...real, session_id: "3" })).toEqual(real);
  });

  it("follow a server that a person has moved", async () => {
    const { credentials } = await open();
    await credentials.save(loginAt("ws://old.example:9093", "1"));
    expect(await credentials.move("ws://old.example:9093", "wss://chat.example")).toBe(1);
    expect(await credentials.find("ws://old.example:9093")).toBeUndefined();
    expect(await credentials.find("wss://chat.example")).toMatchObject({ session_id: "1", url: "wss://chat.example" });
  });
});
