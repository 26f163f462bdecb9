import { describe, expect, it } from 'vitest';
import { busySeconds, kernelBytes } from './whole-machine.ts';

describe('busySeconds', () => {
  it('adds what is no idleness and leaves idle, iowait, steal and guest out', () => {
    const stat = 'cpu  100 10 200 5000 600 30 40 700 800 900\ncpu0 1 1 1 1 1 1 1 1 1 1\n';
    expect(busySeconds(stat)).toBe((100 + 10 + 200 + 30 + 40) / 100);
  });

  it('fails where there is nothing to read', () => {
    expect(() => busySeconds('intr 1')).toThrow('/proc/stat');
  });
});

describe('kernelBytes', () => {
  const meminfo = [
    'Slab:  100 kB',
    'KernelStack:   10 kB',
    'VmallocUsed:  20 kB',
    'Percpu:  3 kB',
    'SUnreclaim:  90 kB',
  ];

  it('adds slabs, stacks, vmalloc and per-CPU memory', () => {
    expect(kernelBytes(meminfo.join('\n'))).toBe(133 * 1024);
  });

  it('fails where a line is missing', () => {
    expect(() => kernelBytes(meminfo.slice(1).join('\n'))).toThrow('Slab');
  });
});
