import { defineConfig } from 'vitest/config';

// The page in a real browser against the real daemon. One file after the other: each starts a box and a browser.
export default defineConfig({
  test: {
    include: ['tests/e2e/**/*.e2e.ts'],
    fileParallelism: false,
    testTimeout: 120_000,
    hookTimeout: 120_000,
    // As patient as the browser's own waiting.
    expect: { poll: { timeout: 30_000, interval: 100 } },
  },
});
