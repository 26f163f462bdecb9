import { defineConfig } from 'vitest/config';

// Unit tests run beside the sources in parallel. The lab builds network namespaces and real servers, and so do tests of
// the kernel data plane: their files run one after another, and only where the machine lets them (see lab/README.md).
const LAB = { globalSetup: ['lab/net/global-setup.ts'], testTimeout: 120_000, hookTimeout: 120_000 };

/** Scenarios that load the machine, measure it or judge by times. */
const ALONE = [
  'black-hole',
  'conntrack-full',
  'held-connections',
  'hundred-thousand',
  'idle-expiry',
  'many-cpus',
  'port-range',
  'start-stop',
  'thousand-changes',
].map((name) => `lab/scenarios/${name}/**/*.test.ts`);

export default defineConfig({
  test: {
    projects: [
      {
        test: {
          name: 'unit',
          include: [
            'src/**/*.test.ts',
            'scripts/**/*.test.ts',
            'bench/**/*.test.ts',
            'examples/**/*.test.ts',
          ],
          exclude: ['src/dataplane/kernel/**'],
          testTimeout: 20_000,
          // As bin/poolgate.js does: planes with their threads come and go by the hundred here.
          execArgv: ['--no-memory-protection-keys'],
        },
      },
      {
        test: {
          name: 'kernel',
          include: ['src/dataplane/kernel/**/*.test.ts'],
          // Many of them wait for the kernel in namespaces of their own.
          fileParallelism: false,
          testTimeout: 60_000,
          hookTimeout: 60_000,
        },
      },
      {
        test: {
          ...LAB,
          name: 'lab',
          include: ['lab/**/*.test.ts'],
          exclude: ALONE,
          // Each scenario has a network of its own and mostly waits.
          maxWorkers: 2,
          sequence: { groupOrder: 1 },
        },
      },
      {
        test: {
          ...LAB,
          name: 'lab-alone',
          include: ALONE,
          fileParallelism: false,
          sequence: { groupOrder: 2 },
        },
      },
    ],
  },
});
