// What the tests do in another process: `node log-child.mjs <append|append-volatile|append-batches|hold|lock|mark|open|read> <database>`. One line per answer.
import Database from "better-sqlite3";
import { openOfflineReader } from "../../../dist/server/log/sqlite/offline-reader.js";
import { openSqliteStore } from "../../../dist/server/log/sqlite/sqlite-store.js";

const [, , task, path] = process.argv;
const say = (answer) => process.stdout.write(`${JSON.stringify(answer)}\n`);
const holder = { pid: process.pid, version: "0.0.0-child" };
const open = (durable = true) => openSqliteStore({ path, holder, durable });

async function writeOn(store, room_id) {
  for (let count = 1; ; count += 1) {
    const names = { room_id, user_id: "luffy", username: "Luffy", id: `${room_id}-${count}`, client_id: `${count}` };
    const draft = { type: "message.new", ...names, message: `text ${count}`, created_ms: Date.now() };
    const [result] = await store.events.append([draft]);
    say({ room_id, seq: result.event.payload.seq, id: draft.id });
  }
}

const tasks = {
  async append() {
    const store = await open();
    for (const room_id of ["one", "two", "three", "one"]) void writeOn(store, room_id);
  },
  async "append-volatile"() {
    const store = await open(false);
    void writeOn(store, "one");
  },
  async "append-batches"() {
    const store = await open();
    for (let batch = 1; ; batch += 1) {
      const drafts = Array.from({ length: 100 }, (_, index) => {
        const names = { user_id: "luffy", username: "Luffy", id: `${batch}-${index}`, client_id: `${batch}-${index}` };
        const room_id = index % 2 === 0 ? "one" : "two";
        return { type: "message.new", room_id, ...names, message: "x".repeat(2000), created_ms: Date.now() };
      });
      await store.events.append(drafts);
      say({ batch });
    }
  },
  async mark() {
    const store = await open();
    const place = { room_id: "one", user_id: "zoro" };
    for (let seq = 1; ; seq += 1) {
      const names = { room_id: "one", user_id: "luffy", username: "Luffy", id: `m${seq}` };
      const draft = { type: "message.new", ...names, message: "x", created_ms: Date.now() };
      // Marks, and messages they are about, share commits.
      const raising = store.marks.raise({ ...place, delivered: seq, read: seq - 1, private: false });
      const [raised] = await Promise.all([raising, store.events.append([draft])]);
      if (raised !== undefined) say({ head: raised.head, ...raised.after });
    }
  },
  async hold() {
    const store = await open();
    store.announce("http://127.0.0.1:9093");
    say("open");
    process.stdin.once("close", () => void store.close());
    process.stdin.resume();
  },
  async open() {
    const store = await open();
    await store.close();
    say("opened");
  },
  async lock() {
    const database = new Database(path);
    database.exec("BEGIN IMMEDIATE");
    say("locked");
    // It holds the connection, too: one that nobody refers to is collected, and its lock is gone.
    process.stdin.once("close", () => database.close());
    process.stdin.resume();
  },
  async read() {
    const reader = openOfflineReader(path);
    const page = reader?.read({ room_id: "one-piece", limit: 10 });
    // Closed first: whoever hears the answer ends this process.
    reader?.close();
    say(page?.events.map((event) => event.payload.message) ?? "nothing");
  },
};

try {
  await tasks[task]();
} catch (error) {
  say({ error: error.name, reason: error.reason, message: error.message });
}
