import { divideCores, stayOn } from "../cores.js";
import { LOADS, measure } from "../durable.js";
import { figure, type Row } from "./beside.js";

/** The hub with its log in SQLite under each load. */
export async function durableRow(): Promise<Row> {
  const cores = divideCores();
  if (cores !== undefined) stayOn(cores.generator);
  return {
    cases: LOADS.map(({ name }) => name),
    open: async (build) => ({
      measure: async (name) => {
        const loads = LOADS.filter((load) => load.name === name);
        const [figures] = [...(await measure({ kind: "sqlite", cores, loads, build })).values()];
        if (figures === undefined) throw new Error(`there is no load ${name}`);
        const { per_second, hub_cpu_us, ack_p50_ms } = figures;
        return {
          "messages/s": figure(per_second, "", "more"),
          "hub CPU for a message": figure(hub_cpu_us, "us"),
          "ack p50": figure(ack_p50_ms, "ms"),
        };
      },
      close: async () => {},
    }),
    close: () => {
      if (cores !== undefined) stayOn(cores.all);
    },
  };
}
