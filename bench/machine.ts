import { readFileSync } from 'node:fs';
import { availableParallelism, cpus, release, totalmem } from 'node:os';
import { firstLine } from './processes.ts';

/** What the figures were taken on. */
export interface Machine {
  readonly cpu: string;
  readonly cores: number;
  readonly memoryGb: number;
  readonly kernel: string;
  readonly system: string;
  readonly virtual: boolean;
  /** TCP congestion control; one that paces, like bbr, slows bulk on loopback. */
  readonly congestionControl: string;
  readonly compiler: string;
}

export async function describeMachine(): Promise<Machine> {
  return {
    cpu: cpus()[0]?.model.trim() ?? 'unknown',
    cores: availableParallelism(),
    memoryGb: Math.round(totalmem() / 2 ** 30),
    kernel: `Linux ${release()}`,
    system: readText('/etc/os-release').match(/^PRETTY_NAME="?([^"\n]*)/m)?.[1] ?? 'unknown',
    virtual: /^flags.*\bhypervisor\b/m.test(readText('/proc/cpuinfo')),
    congestionControl: readText('/proc/sys/net/ipv4/tcp_congestion_control').trim() || 'unknown',
    compiler: (await firstLine(process.env.CC ?? 'cc', ['--version'])) ?? 'unknown',
  };
}

function readText(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return '';
  }
}
