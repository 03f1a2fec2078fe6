import { chmod, mkdir, readFile, stat, watch, writeFile } from "node:fs/promises";
import { describe, expect, it } from "vitest";
import { PASSWORD } from "../support/accounts.js";
import { type Machine, newMachine } from "../support/machine.js";
import { BINARY } from "../support/run-mangahub.js";
import { startInTerminal } from "../support/terminal.js";

type Options = { readonly env?: Record<string, string>; readonly input?: string };

/** A machine whose hub has accounts, started as a child of the test unless a client is to start it. */
async function accountsMachine(env: Record<string, string> = {}): Promise<Machine> {
  const machine = await newMachine({ MANGAHUB_AUTH_MODE: "token", ...env });
  await machine.serve();
  return machine;
}

const auth = (machine: Machine, args: readonly string[], options: Options = {}) =>
  machine.run(["auth", ...args], options);
const withPassword = (machine: Machine, args: readonly string[], input = `${PASSWORD}\n`) =>
  auth(machine, [...args, "--password-stdin"], { input });
const credentials = async (machine: Machine) =>
  JSON.parse(await readFile(machine.file("data/credentials.json"), "utf8"));

describe("mangahub auth register and login", () => {
  it("keep the token in a file of mode 600, and the chat commands use it", async () => {
    const machine = await accountsMachine();
    const made = await withPassword(machine, ["register", "nami"]);
    expect(made).toMatchObject({ code: 0, stdout: "" });
    expect(made.stderr).toMatch(/^mangahub: you are nami at ws:\S+, until \d{4}-\d\d-\d\d\n$/);
    expect((await stat(machine.file("data/credentials.json"))).mode & 0o777).toBe(0o600);
    const { logins } = await credentials(machine);
    expect(logins).toMatchObject([{ username: "nami", user_id: expect.stringMatching(/^nami-/), url: machine.url }]);
    expect(made.stderr).not.toContain(logins[0].token);
    await machine.ok(["chat", "send", "hi from nami"]);
    expect(await machine.messages()).toMatchObject([{ username: "nami", message: "hi from nami" }]);
    expect(await machine.ok(["chat", "rooms"])).toContain("general");
    const nami = await machine.join("nami");
    nami.say("hi again", "/nick zoro");
    await nami.stdout.until("nami: hi again");
    await nami.stdout.until("your name here is your account's: nami");
    nami.say("/quit");
    expect((await nami.ended).code).toBe(0);
  });

  it("last as long as the chat is open, though a login ends earlier", async () => {
    const machine = await accountsMachine({ MANGAHUB_AUTH_TOKEN_TTL: "4s" });
    await withPassword(machine, ["register", "nami"]);
    const until = async () => (await credentials(machine)).logins[0].expires_at;
    const first = await until();
    const nami = await machine.join("nami");
    const ends = new Set<string>();
    for await (const _ of watch(machine.file("data"))) {
      ends.add(await until().catch(() => first));
      if (ends.size > 2 && Date.now() > Date.parse(first)) break;
    }
    nami.say("still here");
    await nami.stdout.until("nami: still here");
    nami.say("/quit");
    expect((await nami.ended).code).toBe(0);
  });

  it("print no token as JSON either, and log in anew in the place of the old login", async () => {
    const machine = await accountsMachine();
    const first = JSON.parse((await withPassword(machine, ["register", "nami", "--json"])).stdout);
    expect(Object.keys(first).toSorted()).toEqual(
      ["expires_at", "server", "server_id", "session_id", "user_id", "username"].toSorted(),
    );
    const second = JSON.parse((await withPassword(machine, ["login", "--json"])).stdout);
    expect(second).toMatchObject({ username: "nami", user_id: first.user_id });
    const sessions = (await machine.ok(["auth", "tokens", "--json"])).trim().split("\n");
    expect(sessions.map((line) => JSON.parse(line).session_id)).toEqual([second.session_id]);
    expect((await credentials(machine)).logins).toHaveLength(1);
  });

  it("say what is wrong with a password or a name", async () => {
    const machine = await accountsMachine();
    await withPassword(machine, ["register", "nami"]);
    const wrong = await withPassword(machine, ["login", "nami"], "wrong password\n");
    expect(wrong).toMatchObject({ code: 5, stderr: expect.stringContaining("the user name or the password is wrong") });
    const nobody = await withPassword(machine, ["login", "nobody"]);
    expect([nobody.code, nobody.stderr]).toEqual([wrong.code, wrong.stderr]);
    expect(await withPassword(machine, ["register", "narni"])).toMatchObject({
      code: 6,
      stderr: expect.stringContaining("taken"),
    });
    expect(await withPassword(machine, ["register", "zoro"], "short\n")).toMatchObject({
      code: 6,
      stderr: expect.stringMatching(/at least 8/),
    });
    expect(await withPassword(machine, ["register", "zoro"], "\n")).toMatchObject({ code: 2 });
    expect(await auth(machine, ["login", "nami"], { input: PASSWORD })).toMatchObject({
      code: 2,
      stderr: expect.stringMatching(/--password-stdin/),
    });
  });

  it("keep the id of somebody who was here as a guest, and with it what waits", async () => {
    const machine = await newMachine();
    const open = await machine.serve();
    await machine.ok(["chat", "send", "as a guest", "--name", "nami"]);
    const [before] = await machine.messages();
    open.kill("SIGTERM");
    await open.ended;
    await machine.serve(["--auth", "token"]);
    await withPassword(machine, ["register", "nami"]);
    await machine.ok(["chat", "send", "with an account"]);
    const [, after] = await machine.messages();
    expect(after).toMatchObject({ username: "nami", user_id: (before as unknown as { user_id: string }).user_id });
  });

  it("ask on a terminal without echo, twice for a new account", async () => {
    const machine = await accountsMachine();
    const terminal = startInTerminal([process.execPath, BINARY, "auth", "register", "nami"], {
      cwd: machine.home,
      env: machine.env,
    });
    await terminal.until((lines) => lines.some((line) => line.includes("password for nami at ws://127.0.0.1")));
    terminal.type(`${PASSWORD}x\u007f\r`);
    await terminal.until((lines) => lines.some((line) => line.includes("the same again:")));
    terminal.type(`${PASSWORD}\r`);
    expect(await terminal.ended).toBe(0);
    expect(terminal.lines.at(-1)).toContain("you are nami");
    expect(terminal.raw).not.toContain("pistol");
    expect(terminal.raw).not.toContain("*");
  });

  it("end with 130 when the question is left", async () => {
    const machine = await accountsMachine();
    for (const key of ["\u0003", "\u0004"]) {
      const terminal = startInTerminal([process.execPath, BINARY, "auth", "login", "nami"], {
        cwd: machine.home,
        env: machine.env,
      });
      await terminal.until((lines) => lines.some((line) => line.includes("password for nami")));
      terminal.type(key);
      expect(await terminal.ended).toBe(130);
    }
  });

  it("start the hub of this machine, and say when a hub has no accounts", async () => {
    const machine = await newMachine({ MANGAHUB_AUTH_MODE: "token" });
    expect(await withPassword(machine, ["register", "nami"])).toMatchObject({ code: 0 });
    const open = await newMachine();
    await open.serve();
    const refused = await withPassword(open, ["register", "nami"]);
    expect(refused).toMatchObject({
      code: 6,
      stderr: expect.stringMatching(/has no accounts.*\n {2}.*mangahub serve --auth token/),
    });
  });
});

describe("somebody who is not logged in", () => {
  it.each([
    ["chat", "send", "hi"],
    ["chat", "join", "--plain"],
    ["chat", "rooms"],
    ["chat", "history"],
    ["chat", "users"],
  ])("is told so by %s %s with exit code 5", async (...args) => {
    const machine = await accountsMachine();
    const { code, stderr } = await machine.run(args);
    expect(code).toBe(5);
    expect(stderr).toContain("log in");
    expect(stderr).toContain("mangahub auth login");
    expect(await machine.ok(["chat", "outbox"])).toBe("");
  });

  it("is told that the server wants an account, and by which command to log in to that very server", async () => {
    const [machine, elsewhere] = [await newMachine(), await accountsMachine()];
    const { code, stderr } = await machine.run(["chat", "send", "hi", "--server", elsewhere.url]);
    expect(code).toBe(5);
    expect(stderr.split("\n")).toEqual([
      `mangahub: ${elsewhere.url} wants an account, and nobody is logged in to it here`,
      `  log in with: mangahub auth login --server ${elsewhere.url}`,
      `  or make an account: mangahub auth register --server ${elsewhere.url}`,
      "",
    ]);
  });

  it("is not told to log in by a login with a wrong password", async () => {
    const machine = await accountsMachine();
    await withPassword(machine, ["register", "nami"]);
    const { code, stderr } = await withPassword(machine, ["login", "nami"], "a wrong password\n");
    expect(code).toBe(5);
    expect(stderr).toContain("password is wrong");
    expect(stderr).not.toContain("auth login");
  });

  it.each(["whoami", "tokens", "logout", "refresh", "password"])("is told so by auth %s", async (command) => {
    const machine = await accountsMachine();
    const { code, stderr } = await auth(machine, [command]);
    expect(code).toBe(5);
    expect(stderr).toContain("mangahub auth login");
  });

  it("is told so when the session has expired", async () => {
    const machine = await accountsMachine({ MANGAHUB_AUTH_TOKEN_TTL: "10ms" });
    await withPassword(machine, ["register", "nami"]);
    for (const args of [
      ["auth", "whoami"],
      ["chat", "send", "hi"],
    ]) {
      const { code, stderr } = await machine.run(args);
      expect(code).toBe(5);
      expect(stderr).toContain("mangahub auth login");
    }
  });
});

describe("a session", () => {
  it("is shown, refreshed, listed and revoked; whoever is in the chat with it is out at once", async () => {
    const machine = await accountsMachine();
    await withPassword(machine, ["register", "nami"]);
    const elsewhere = { MANGAHUB_DATA_DIR: machine.file("elsewhere") };
    const other = await machine.run(["auth", "login", "nami", "--password-stdin", "--json"], {
      env: elsewhere,
      input: PASSWORD,
    });
    const { session_id } = JSON.parse(other.stdout);
    expect(await machine.ok(["auth", "whoami"])).toMatch(/^nami \(nami-[a-z2-7]{8}\) at ws:\S+, until /);
    expect(await machine.ok(["auth", "refresh"])).toMatch(/^\d{4}-.*Z\n$/);
    const listed = await machine.ok(["auth", "tokens"]);
    expect(listed.split("\n").filter((line) => line.includes("this one"))).toHaveLength(1);
    expect(listed).toContain(session_id);
    const chat = machine.start(["chat", "join", "--plain"], elsewhere);
    await chat.stderr.until("you are nami");
    expect(await auth(machine, ["revoke", session_id])).toMatchObject({ code: 0, stdout: "" });
    const left = await chat.ended;
    expect(left.code).toBe(5);
    expect(left.stderr).toContain("mangahub auth login");
    expect(await auth(machine, ["revoke", session_id])).toMatchObject({ code: 6 });
    await machine.ok(["auth", "whoami"]);
  });

  it("ends by a logout, on the server and here; here also when the server is away", async () => {
    const machine = await newMachine({ MANGAHUB_AUTH_MODE: "token", MANGAHUB_CLIENT_START_HUB: "false" });
    const hub = await machine.serve();
    await withPassword(machine, ["register", "nami"]);
    const token = (await credentials(machine)).logins[0].token as string;
    expect(await auth(machine, ["logout"])).toMatchObject({ code: 0 });
    expect((await credentials(machine)).logins).toEqual([]);
    expect(await auth(machine, ["whoami"], { env: { MANGAHUB_TOKEN: token } })).toMatchObject({ code: 5 });
    await withPassword(machine, ["login", "nami"]);
    hub.kill("SIGTERM");
    await hub.ended;
    const away = await auth(machine, ["logout"]);
    expect(away).toMatchObject({ code: 4, stderr: expect.stringContaining("auth revoke") });
    expect((await credentials(machine)).logins).toEqual([]);
  });

  it("keeps messages of somebody logged in while the server is away", async () => {
    const machine = await newMachine({ MANGAHUB_AUTH_MODE: "token", MANGAHUB_CLIENT_START_HUB: "false" });
    const hub = await machine.serve();
    await withPassword(machine, ["register", "nami"]);
    hub.kill("SIGTERM");
    await hub.ended;
    expect((await machine.run(["chat", "send", "later"])).code).toBe(7);
    await machine.serve();
    await machine.ok(["chat", "rooms"]);
    expect(await machine.messages()).toMatchObject([{ username: "nami", message: "later" }]);
  });

  it("is another after the password was changed", async () => {
    const machine = await accountsMachine();
    await withPassword(machine, ["register", "nami"]);
    expect(await withPassword(machine, ["password"], `wrong one\n${PASSWORD}-2\n`)).toMatchObject({ code: 5 });
    expect(await withPassword(machine, ["password"], `${PASSWORD}\n${PASSWORD}-2\n`)).toMatchObject({ code: 0 });
    await machine.ok(["auth", "whoami"]);
    expect(await withPassword(machine, ["login", "nami"])).toMatchObject({ code: 5 });
    expect(await withPassword(machine, ["login", "nami"], `${PASSWORD}-2`)).toMatchObject({ code: 0 });
  });
});

describe("mangahub serve on an address that others reach", () => {
  it("wants accounts or a word about guests, and says so", async () => {
    const machine = await newMachine();
    const refused = await machine.run(["serve", "--host", "0.0.0.0"]);
    expect(refused.code).toBe(3);
    expect(refused.stderr).toMatch(/everybody is a guest here[^\n]*\n {2}--auth token .*--allow-guests/s);
    const hub = await machine.serve(["--host", "0.0.0.0", "--auth", "token"]);
    expect(hub.stdout.text).toContain("mangahub listens on");
  });
});

describe("the full-screen chat", () => {
  it("is the account's without asking for a name, and ends with 5 when the session is revoked", async () => {
    const machine = await accountsMachine();
    await withPassword(machine, ["register", "nami"]);
    const terminal = startInTerminal([process.execPath, BINARY, "chat", "join"], {
      cwd: machine.home,
      env: machine.env,
    });
    await terminal.until((lines) => lines.some((line) => line.includes("#general")));
    terminal.type("ahoy\r");
    await terminal.until((lines) => lines.some((line) => /you │ ahoy +✓/.test(line)));
    expect(terminal.lines.at(-1)).toContain("nami ›");
    const { session_id } = JSON.parse(await machine.ok(["auth", "tokens", "--json"]));
    await machine.ok(["auth", "revoke", session_id]);
    expect(await terminal.ended).toBe(5);
    expect(terminal.buffer).toBe("normal");
    expect(terminal.lines.join("\n")).toContain("mangahub auth login");
  });
});

describe("a token", () => {
  it("may come from a file or the environment, never from a flag, and is told to no one", async () => {
    const machine = await accountsMachine();
    await withPassword(machine, ["register", "nami"]);
    const token = (await credentials(machine)).logins[0].token as string;
    const bot = { MANGAHUB_DATA_DIR: machine.file("bot") };
    await writeFile(machine.file("token"), `${token}\n`, { mode: 0o600 });
    await machine.ok(["chat", "send", "by variable"], { env: { ...bot, MANGAHUB_TOKEN: token } });
    await machine.ok(["chat", "send", "by file", "--token-file", "token"], { env: bot });
    expect((await machine.messages()).map(({ username, message }) => `${username}: ${message}`)).toEqual([
      "nami: by variable",
      "nami: by file",
    ]);
    expect((await machine.run(["chat", "send", "hi", "--token", token], { env: bot })).code).toBe(2);
    const wrong = await machine.run(["chat", "send", "hi"], { env: { ...bot, MANGAHUB_TOKEN: "wrong" } });
    expect(wrong).toMatchObject({ code: 5, stderr: expect.stringContaining("mangahub auth login") });
    const spaced = await machine.run(["chat", "send", "hi"], { env: { ...bot, MANGAHUB_TOKEN: "two s3crets" } });
    expect([spaced.code, spaced.stderr.includes("s3crets")]).toEqual([2, false]);
    expect((await machine.run(["auth", "whoami", "--token-file", "none"], { env: bot })).code).toBe(2);
  });

  it("is sent to no other server at the same address", async () => {
    const machine = await newMachine({ MANGAHUB_AUTH_MODE: "token" });
    const hub = await machine.serve();
    await withPassword(machine, ["register", "nami"]);
    hub.kill("SIGTERM");
    await hub.ended;
    const other = await machine.serve(["--database", "other.db"]);
    expect(await auth(machine, ["whoami"])).toMatchObject({
      code: 5,
      stderr: expect.stringContaining("another server"),
    });
    expect(await machine.run(["chat", "send", "hi"])).toMatchObject({ code: 5 });
    other.kill("SIGTERM");
    await other.ended;
    await machine.serve(["--database", "open.db", "--auth", "open"]);
    await machine.ok(["chat", "send", "as a guest", "--name", "zoro"]);
  });
});

describe("the credentials file", () => {
  it("that others can read is closed to them, which is said", async () => {
    const machine = await accountsMachine();
    await withPassword(machine, ["register", "nami"]);
    await chmod(machine.file("data/credentials.json"), 0o644);
    const { code, stderr } = await auth(machine, ["whoami"]);
    expect(code).toBe(0);
    expect(stderr).toContain("could be read by others");
    expect((await stat(machine.file("data/credentials.json"))).mode & 0o777).toBe(0o600);
    expect((await auth(machine, ["whoami"])).stderr).toBe("");
  });

  it.each(["{", "[]", '{"version":2,"logins":[]}', '{"version":1,"logins":[{"token":"a b"}]}'])(
    "that holds %s is named, with the way out",
    async (text) => {
      const machine = await newMachine();
      await mkdir(machine.file("data"), { recursive: true });
      await writeFile(machine.file("data/credentials.json"), text, { mode: 0o600 });
      const { code, stderr } = await auth(machine, ["whoami"]);
      expect(code).toBe(1);
      expect(stderr).toMatch(/credentials\.json cannot be read as logins\n {2}remove the file and log in anew/);
    },
  );

  it("that cannot be written, or belongs to a folder that is none, is named", async () => {
    const machine = await accountsMachine();
    await writeFile(machine.file("no-folder"), "");
    const env = { MANGAHUB_DATA_DIR: machine.file("no-folder") };
    const { code, stderr } = await machine.run(["auth", "register", "nami", "--password-stdin"], {
      env,
      input: PASSWORD,
    });
    expect(code).toBe(1);
    expect(stderr).toMatch(/^mangahub: [^\n]*no-folder[^\n]*\n/);
    expect(stderr).not.toContain("    at ");
  });

  it("keeps two accounts of one server apart by --name", async () => {
    const machine = await accountsMachine();
    await withPassword(machine, ["register", "nami"]);
    await withPassword(machine, ["register", "zoro"]);
    await machine.ok(["chat", "send", "one", "--name", "nami"]);
    await machine.ok(["chat", "send", "two"]);
    expect((await machine.messages()).map(({ username }) => username)).toEqual(["nami", "zoro"]);
    expect(await machine.run(["chat", "send", "three", "--name", "robin"])).toMatchObject({ code: 5 });
  });
});
