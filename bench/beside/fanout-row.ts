import { hold, SIZES } from "../fanout/connections.js";
import { type FanoutPlace, openFanout } from "../fanout/fanout.js";
import { measure } from "../fanout/measure.js";
import { CLOSED, PACED } from "../fanout/scenarios.js";
import { builtHub } from "../fanout/servers.js";
import { figure, type Figures, type Row } from "./beside.js";

const SCENARIOS = [...CLOSED, PACED];
const IDLE = SIZES.map((size) => ({ name: `idle-${size}`, size }));

/** What a delivery costs in each scenario, and what a connection costs that says nothing; those named by `only`, if any. */
export async function fanoutRow(only: readonly string[]): Promise<Row> {
  const place = openFanout();
  const all = [...SCENARIOS, ...IDLE].map(({ name }) => name);
  const unknown = only.find((name) => !all.includes(name));
  if (unknown !== undefined)
    throw new Error(`--only ${unknown}: there is no such scenario (there are: ${all.join(", ")})`);
  return {
    cases: only.length === 0 ? all : only,
    open: async (build) => ({ measure: (name) => measureCase(place, build, name), close: async () => {} }),
    close: () => place.close(),
  };
}

async function measureCase({ bench }: FanoutPlace, build: string, name: string): Promise<Figures> {
  const hub = builtHub("mangahub", build);
  const idle = IDLE.find((each) => each.name === name);
  if (idle !== undefined) {
    const { kb_per_connection, connections_per_s } = await hold(bench, hub, idle.size);
    return {
      "memory of a connection": figure(kb_per_connection, "kB"),
      "connections/s": figure(connections_per_s, "", "more"),
    };
  }
  const scenario = SCENARIOS.find((each) => each.name === name);
  if (scenario === undefined) throw new Error(`there is no scenario ${name}`);
  const { cpu_us, p99_ms } = await measure(bench, hub, scenario);
  const cost = { "CPU for a delivery": figure(cpu_us, "us") };
  return scenario === PACED ? { ...cost, "p99 latency": figure(p99_ms, "ms") } : cost;
}
