import { defineConfig } from 'vitest/config'

const slow = ['test/integration/**/*.test.ts', 'test/functional/**/*.test.ts', 'test/torture/**/*.test.ts']

/** Suites too long for `npm test` live in test/full and run with `npm run test:full`. */
export default defineConfig({
  test: {
    env: { NODE_EXTRA_CA_CERTS: '' },
    maxWorkers: 2,
    projects: [
      {
        extends: true,
        test: { name: 'quick', include: ['test/**/*.test.ts'], exclude: [...slow, 'test/full/**'], testTimeout: 20_000, hookTimeout: 60_000 },
      },
      { extends: true, test: { name: 'real', include: slow, testTimeout: 180_000, hookTimeout: 300_000 } },
      { extends: true, test: { name: 'full', include: ['test/full/**/*.test.ts'], testTimeout: 900_000, hookTimeout: 300_000 } },
    ],
  },
})
