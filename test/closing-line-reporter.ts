import type { Reporter, TestModule } from 'vitest/node';

/** Ends the output with one plain line that scripts can read: `N passed, N failed, N skipped`. */
export default class ClosingLineReporter implements Reporter {
  readonly #count = { passed: 0, failed: 0, skipped: 0, pending: 0 };

  onInit(): void {
    // The default reporter and the coverage table write until the process ends; this line must come after them.
    process.once('exit', (code) => {
      const { passed, failed, skipped, pending } = this.#count;
      // What fails a run beside its tests must not pass for a success: too little coverage, or no run at all.
      const failures = failed === 0 && code !== 0 ? 1 : failed;
      process.stdout.write(`\n${passed} passed, ${failures} failed, ${skipped + pending} skipped\n`);
    });
  }

  onTestRunEnd(modules: readonly TestModule[], unhandledErrors: readonly unknown[]): void {
    this.#count.failed += unhandledErrors.length;
    for (const module of modules) {
      for (const test of module.children.allTests()) this.#count[test.result().state] += 1;
      // A file that can't be loaded has no tests, and those of a failed hook are only skipped.
      for (const suite of [module, ...module.children.allSuites()]) {
        if (suite.errors().length > 0) this.#count.failed += 1;
      }
    }
  }
}
