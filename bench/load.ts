import { setTimeout as delay } from "node:timers/promises";
import { performance } from "node:perf_hooks";
import { percentile } from "./rounds.js";
import { Sender } from "./sender.js";

/** So many connections, each with so many messages under way at any time (a closed loop). */
export type Load = { readonly name: string; readonly senders: number; readonly in_flight: number };

export type LoadFigures = {
  /** Messages acknowledged in the measured time, a second. */
  readonly per_second: number;
  readonly ack_p50_ms: number;
  readonly ack_p99_ms: number;
  /** All messages of the run, those of the warm-up too; each was acknowledged and heard. */
  readonly sent: number;
  /** Part of the measured time in which the generator's loop was busy, 0 to 1: near 1 it is the bottleneck. */
  readonly generator_busy: number;
};

export type Window = { readonly warm_ms: number; readonly measure_ms: number };

const SETTLE_WITHIN_MS = 20_000;

/**
 * Puts a load on the hub at `port` and measures. `whileMeasured` is called when the measured time begins and when it
 * ends. Rejects if a message was lost, came twice or out of order.
 */
export async function putLoad(
  load: Load,
  { port, window }: { readonly port: number; readonly window: Window },
  whileMeasured: (edge: "begin" | "end") => Promise<void>,
): Promise<LoadFigures> {
  const latencies: number[] = [];
  let isMeasuring = false;
  const onAck = (latency_ms: number) => {
    if (isMeasuring) latencies.push(latency_ms);
  };
  const opening = Array.from({ length: load.senders }, (_, index) => {
    return Sender.open({ port, room_id: `${load.name}-${index}` }, onAck);
  });
  const senders = await Promise.all(opening);
  for (const sender of senders) sender.start(load.in_flight);
  await delay(window.warm_ms);
  await whileMeasured("begin");
  const busyBefore = performance.eventLoopUtilization();
  const begun = performance.now();
  isMeasuring = true;
  await delay(window.measure_ms);
  isMeasuring = false;
  const seconds = (performance.now() - begun) / 1000;
  const { utilization } = performance.eventLoopUtilization(busyBefore);
  await whileMeasured("end");
  await Promise.all(senders.map((sender) => sender.stop(SETTLE_WITHIN_MS)));
  for (const sender of senders) sender.close();
  const faults = senders.reduce((sum, sender) => sum + sender.faults, 0);
  if (faults > 0) throw new Error(`${load.name}: ${faults} messages were lost, came twice or out of order`);
  return {
    per_second: latencies.length / seconds,
    ack_p50_ms: percentile(latencies, 0.5),
    ack_p99_ms: percentile(latencies, 0.99),
    sent: senders.reduce((sum, sender) => sum + sender.sent, 0),
    generator_busy: utilization,
  };
}
