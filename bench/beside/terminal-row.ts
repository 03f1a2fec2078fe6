import { existsSync } from "node:fs";
import { Home } from "../home.js";
import { median } from "../rounds.js";
import { crowdedRoom, idleChat, opened, SIZES, typeUnderFlood } from "../terminal.js";
import { figure, type Figures, type Row } from "./beside.js";

const CASES: Readonly<Record<string, (home: Home) => Promise<Figures>>> = {
  "first paint": firstPaint,
  ...Object.fromEntries(
    SIZES.map((size) => [`typing, ${size.columns}x${size.rows}`, (home: Home) => typing(home, size)]),
  ),
  idle: async (home) => ({ memory: figure((await idleChat(home)).mb, "MB") }),
  "a crowded room": async (home) => ({ memory: figure((await crowdedRoom(home)).at(-1) ?? Number.NaN, "MB") }),
};

/** The full-screen chat in a pseudo-terminal. */
export async function terminalRow(): Promise<Row> {
  if (!existsSync("/proc/self/schedstat")) throw new Error("there is no /proc with schedstat here");
  return { cases: Object.keys(CASES), open };
}

async function open(build: string) {
  const home = await Home.make(build);
  await home.startHub();
  return {
    measure: async (name: string) => {
      const run = CASES[name];
      if (run === undefined) throw new Error(`there is no case ${name}`);
      return run(home);
    },
    close: () => home.remove(),
  };
}

async function firstPaint(home: Home): Promise<Figures> {
  const chat = await opened(home, SIZES[0]);
  const cpu_ms = chat.cpuMs();
  await chat.close();
  return { CPU: figure(cpu_ms, "ms") };
}

async function typing(home: Home, size: (typeof SIZES)[number]): Promise<Figures> {
  const { echoes, bytes } = await typeUnderFlood(home, size);
  return { "key to echo": figure(median(echoes), "ms"), "bytes a key": figure(median(bytes), "") };
}
