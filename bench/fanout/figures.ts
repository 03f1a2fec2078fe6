import { existsSync, readFileSync } from "node:fs";
import { release } from "node:os";
import { gunzipSync } from "node:zlib";
import type { GroupReport, LoadReport } from "./generator.js";

/** What one run of one server showed. */
export type Figures = {
  /** CPU of the server for a delivery, µs: its processes, and the kernel's share of the work on its core. */
  readonly cpu_us: number;
  /** Of which in the server's own code, */
  readonly user_us: number;
  /** and in the kernel on its behalf. */
  readonly system_us: number;
  readonly deliveries_per_s: number;
  readonly messages_per_s: number;
  readonly frames_per_read: number;
  readonly p50_ms: number;
  readonly p99_ms: number;
  readonly max_ms: number;
  /** The server's share of its core, and the generator's of its own. */
  readonly server_busy: number;
  readonly generator_busy: number;
  /** Part of the server's core that somebody else used; NaN if unknown. */
  readonly others: number;
};

const NS_PER_TICK = 1e7;
/** Fields of /proc/stat: everything but idle and iowait; interrupts. */
const BUSY = [0, 1, 2, 5, 6, 7];
const INTERRUPTS = [5, 6];
const STEAL = [7];

export function figuresOf(report: LoadReport, group: GroupReport): Figures {
  const { begin, end, window_ms } = report;
  const seconds = window_ms / 1000;
  const delivered = report.groups.reduce((sum, each) => sum + each.delivered_window, 0);
  const own_ns = end.server_ns - begin.server_ns;
  const cpu_ns = own_ns + kernelShare(report);
  const user_ticks = end.user_ticks - begin.user_ticks;
  const system_ticks = end.system_ticks - begin.system_ticks;
  const user_ns = (own_ns * user_ticks) / Math.max(1, user_ticks + system_ticks);
  const perDelivery = (ns: number) => ns / 1000 / delivered;
  return {
    cpu_us: perDelivery(cpu_ns),
    user_us: perDelivery(user_ns),
    system_us: perDelivery(cpu_ns - user_ns),
    deliveries_per_s: delivered / seconds,
    messages_per_s: group.sent_window / seconds,
    frames_per_read: delivered / report.reads_window,
    p50_ms: group.p50_ms,
    p99_ms: group.p99_ms,
    max_ms: group.max_ms,
    server_busy: cpu_ns / 1e9 / seconds,
    generator_busy: report.busy,
    others: Math.max(0, (ticksOf(report, BUSY) * NS_PER_TICK - cpu_ns) / 1e9 / seconds),
  };
}

/** Part of the server's core that the machine below this one took for others; NaN if unknown. */
export function stolenShare(report: LoadReport): number {
  if (report.end.core_ticks.length === 0) return Number.NaN;
  return (ticksOf(report, STEAL) * NS_PER_TICK) / 1e6 / report.window_ms;
}

/** Throws if a frame was lost, came twice or went astray, or a connection was closed. */
export function assertWhole({ groups, closed }: LoadReport): void {
  for (const { lost, duplicated, stray, delivered } of groups) {
    if (lost + duplicated + stray + closed === 0) continue;
    const what = `${lost} lost, ${duplicated} twice or out of order, ${stray} astray; ${closed} connections closed`;
    throw new Error(`of ${delivered} deliveries: ${what}`);
  }
}

/**
 * What the kernel did for the server outside its processes, ns. A kernel that times interrupts apart (most
 * distributions' do) keeps soft interrupts, which deliver what was written to loopback, out of the process's time;
 * one that does not leaves only ksoftirqd's.
 */
function kernelShare(report: LoadReport): number {
  if (timesInterrupts()) return ticksOf(report, INTERRUPTS) * NS_PER_TICK;
  return report.end.softirqd_ns - report.begin.softirqd_ns;
}

function ticksOf({ begin, end }: LoadReport, fields: readonly number[]): number {
  return fields.reduce((sum, field) => sum + (end.core_ticks[field] ?? 0) - (begin.core_ticks[field] ?? 0), 0);
}

let isTimingInterrupts: boolean | undefined;

/** Whether the kernel was built with IRQ_TIME_ACCOUNTING; false if its configuration cannot be read. */
export function timesInterrupts(): boolean {
  isTimingInterrupts ??= kernelConfig().includes("CONFIG_IRQ_TIME_ACCOUNTING=y");
  return isTimingInterrupts;
}

function kernelConfig(): string {
  const packed = "/proc/config.gz";
  const plain = `/boot/config-${release()}`;
  if (existsSync(packed)) return gunzipSync(readFileSync(packed)).toString();
  return existsSync(plain) ? readFileSync(plain, "utf8") : "";
}
