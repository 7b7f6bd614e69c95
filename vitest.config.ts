import { defineConfig } from 'vitest/config';

/**
 * Two projects. `unit` needs nothing but Node, bash and git, and stays under a minute; it stands beside the
 * code. `e2e` starts real engines, registries and hosts, and runs its files one after another.
 */
export default defineConfig({
  test: {
    projects: [
      {
        test: {
          name: 'unit',
          include: ['src/**/*.test.ts', 'tools/**/*.test.ts'],
          testTimeout: 60_000,
          // A busy machine is no mistake of the program: only the test's own end makes waiting a failure.
          expect: { poll: { timeout: 30_000, interval: 20 } },
          // The rest of the time goes to waiting for processes, so the main thread needs no processor of its own.
          maxWorkers: '100%',
        },
      },
      {
        test: {
          name: 'e2e',
          include: ['test/**/*.e2e.test.ts'],
          testTimeout: 600_000,
          hookTimeout: 600_000,
          fileParallelism: false,
        },
      },
    ],
  },
});
