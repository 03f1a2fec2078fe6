import { CommandHomes, runCase } from "../commands.js";
import { canTime } from "../cpu-time.js";
import { figure, type Row } from "./beside.js";

const NAMES = [
  "mangahub --help",
  "mangahub chat send",
  "mangahub chat history, hub running",
  "mangahub chat history, no hub",
];

/** CPU of whole processes. */
export async function commandsRow(): Promise<Row> {
  if (!canTime()) throw new Error("there is no bash here, whose `time` tells what a process has cost");
  return { cases: NAMES, open };
}

async function open(build: string) {
  const homes = await CommandHomes.make(build);
  return {
    measure: async (name: string) => {
      const found = homes.cases.find((each) => each.name.startsWith(name));
      if (found === undefined) throw new Error(`there is no command ${name}`);
      const { cpu_ms } = await runCase(found);
      return { CPU: figure(cpu_ms, "ms") };
    },
    close: () => homes.remove(),
  };
}
