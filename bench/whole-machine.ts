/** Counters of the whole machine, for what is booked on no process of the balancer: packets on their way, tables. */
import { readFileSync } from 'node:fs';
import { setTimeout as delay } from 'node:timers/promises';

/** USER_HZ, which is 100 on every Linux that Node.js runs on (proc(5)). */
const TICKS_PER_SECOND = 100;

/** Columns of the line `cpu` of /proc/stat that are no idleness: user, nice, system, irq, softirq. */
const BUSY = [0, 1, 2, 5, 6] as const;

/** Seconds that all cores together were busy since the machine started, to a hundredth. */
export function busySeconds(stat = readFileSync('/proc/stat', 'utf8')): number {
  const columns = /^cpu +(.*)$/m.exec(stat)?.[1]?.split(' ').map(Number) ?? [];
  const ticks = BUSY.reduce<number>((sum, column) => sum + (columns[column] ?? Number.NaN), 0);
  if (!Number.isFinite(ticks)) throw new Error('/proc/stat has no line of all cores');
  return ticks / TICKS_PER_SECOND;
}

/** What is busy while nothing is measured: seconds of CPU in a second. */
export async function idleLoad(seconds: number): Promise<number> {
  const before = busySeconds();
  const begun = performance.now();
  await delay(seconds * 1e3);
  return (busySeconds() - before) / ((performance.now() - begun) / 1e3);
}

/** Lines of /proc/meminfo that hold what the kernel allocated for itself and can grow with connections (proc(5)). */
const KERNEL_MEMORY = ['Slab', 'Percpu', 'VmallocUsed', 'KernelStack'] as const;

/** Bytes that the kernel uses for itself. */
export function kernelBytes(meminfo = readFileSync('/proc/meminfo', 'utf8')): number {
  let kilobytes = 0;
  for (const name of KERNEL_MEMORY) {
    const found = new RegExp(`^${name}: +(\\d+) kB$`, 'm').exec(meminfo);
    if (!found) throw new Error(`/proc/meminfo has no line ${name}`);
    kilobytes += Number(found[1]);
  }
  return kilobytes * 1024;
}
