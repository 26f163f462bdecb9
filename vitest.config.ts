import { defineConfig } from 'vitest/config';

// Two projects: unit tests run beside the sources in parallel; the lab builds network namespaces and real
// servers, so its files run one after another and only where the machine lets them (see lab/README.md).
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
          testTimeout: 20_000,
          // As bin/poolgate.js does: planes with their threads come and go by the hundred here.
          execArgv: ['--no-memory-protection-keys'],
        },
      },
      {
        test: {
          name: 'lab',
          include: ['lab/**/*.test.ts'],
          globalSetup: ['lab/net/global-setup.ts'],
          fileParallelism: false,
          testTimeout: 120_000,
          hookTimeout: 120_000,
        },
      },
    ],
  },
});
