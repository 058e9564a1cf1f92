import type { Reporter, TestModule } from 'vitest/node';

/** Ends the output with one plain line that scripts can read: `N passed, N failed, N skipped`. */
export default class ClosingLineReporter implements Reporter {
  onTestRunEnd(modules: readonly TestModule[], unhandledErrors: readonly unknown[]): void {
    const count = { passed: 0, failed: unhandledErrors.length, skipped: 0, pending: 0 };
    for (const module of modules) {
      let tests = 0;
      for (const test of module.children.allTests()) {
        count[test.result().state] += 1;
        tests += 1;
      }
      // A file that fails to load has no tests, and must not pass for a success.
      if (tests === 0 && module.state() === 'failed') count.failed += 1;
    }
    // The default reporter and the coverage table write before the process ends; this line must come after them.
    process.on('exit', () => {
      process.stdout.write(`\n${count.passed} passed, ${count.failed} failed, ${count.skipped + count.pending} skipped\n`);
    });
  }
}
