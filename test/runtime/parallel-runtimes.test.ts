import { describe, expect, it } from 'vitest';
import { createParallelRuntimes } from '../../src/runtime/parallel-runtimes.node.js';

async function threadsOf(parts: number, threads: number): Promise<number[]> {
  const runtimes = createParallelRuntimes(parts, { threads });
  await Promise.all(runtimes.map((runtime) => runtime.dispose()));
  return runtimes.map((runtime) => runtime.threads);
}

describe('parallel runtimes', () => {
  it.each([
    { parts: 4, threads: 2, expected: [1, 1] },
    { parts: 1, threads: 2, expected: [2] },
    { parts: 3, threads: 5, expected: [2, 2, 1] },
  ])('share $threads threads among $parts parts', async ({ parts, threads, expected }) => {
    expect(await threadsOf(parts, threads)).toEqual(expected);
  });

  it('refuse a device that this machine does not have', () => {
    expect(() => createParallelRuntimes(2, { device: 'dml' })).toThrow(
      expect.objectContaining({ code: 'E_DEVICE' }) as Error,
    );
  });
});
