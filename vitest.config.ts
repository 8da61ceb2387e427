import { defineConfig } from 'vitest/config';

// The suffix of a spec names its cost: .spec.ts is pure, .int.spec.ts needs servers, .e2e.spec.ts needs processes.
export default defineConfig({
  test: {
    projects: [
      {
        test: {
          name: 'unit',
          include: ['{libs,apps,test,scripts}/**/*.spec.ts'],
          exclude: ['**/*.int.spec.ts', '**/*.e2e.spec.ts', '**/node_modules/**'],
          // A process per file would spend most of its time loading the same modules again. What a spec changes outside itself is put back.
          isolate: false,
          testTimeout: 30_000,
          restoreMocks: true,
          unstubEnvs: true,
          unstubGlobals: true,
        },
      },
      { test: { name: 'int', include: ['{libs,apps,test}/**/*.int.spec.ts'], testTimeout: 60_000, hookTimeout: 120_000 } },
      {
        test: {
          name: 'e2e',
          include: ['{apps,test}/**/*.e2e.spec.ts'],
          testTimeout: 300_000,
          hookTimeout: 300_000,
          fileParallelism: false,
        },
      },
    ],
  },
});
