import { availableParallelism } from 'node:os';
import { fileURLToPath } from 'node:url';
import { defineConfig } from 'vitest/config';

// Unit tests lie beside the sources. The lab builds network namespaces and real servers, and so do tests of the kernel data
// plane: they run only where the machine lets them (see lab/README.md).

// Some hundred processes of Node.js are started here, the balancer's among them: half of what each does until it is
// ready is to compile the same files. It is found by their contents, so no process runs anything else by it.
process.env['NODE_COMPILE_CACHE'] ??= fileURLToPath(new URL('build/compile-cache', import.meta.url));

/** Files at once: on two processors too, for each waits a good part of its time. */
const AT_ONCE = Math.max(2, availableParallelism() - 1);
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
          maxWorkers: AT_ONCE,
          testTimeout: 20_000,
          // As bin/poolgate.js does: planes with their threads come and go by the hundred here.
          execArgv: ['--no-memory-protection-keys'],
        },
      },
      {
        test: {
          name: 'kernel',
          include: ['src/dataplane/kernel/**/*.test.ts'],
          // In namespaces of their own.
          maxWorkers: AT_ONCE,
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
          maxWorkers: 3,
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
