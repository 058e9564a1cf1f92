import { availableParallelism } from 'node:os';
import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    include: ['test/**/*.test.ts'],
    setupFiles: process.platform === 'win32' ? ['test/windows-setup.ts'] : [],
    testTimeout: 120_000,
    hookTimeout: 120_000,
    // For tests that use ONNX Runtime itself; that ours turns its telemetry off is shown without it.
    env: { ORT_DISABLE_TELEMETRY: '1' },
    reporters: ['default', './test/closing-line-reporter.ts'],
    maxWorkers: availableParallelism(),
    coverage: {
      provider: 'v8',
      include: ['src/**/*.ts'],
      // It runs in Chromium, as a bundle.
      exclude: ['src/studio/**'],
      reporter: ['text-summary', 'html'],
      reportOnFailure: true,
      thresholds: { statements: 85, branches: 80, functions: 85, lines: 85 },
    },
  },
});
