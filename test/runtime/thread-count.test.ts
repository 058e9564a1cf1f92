import { existsSync, readdirSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { afterAll, expect, it } from 'vitest';
import { input, square } from '../../src/graph/index.js';
import { createNativeRuntime } from '../../src/runtime/native.node.js';
import { usedThreads } from '../../src/runtime/thread-count.js';

/** Where Linux lists a process's threads; other systems have no such list. */
const threadList = '/proc/self/task';
const withoutThreadList = !existsSync(threadList);
const processors = availableParallelism();
const runtimes = [1, processors + 9].map((threads) => createNativeRuntime({ threads }));
afterAll(() => Promise.all(runtimes.map((runtime) => runtime.dispose())));

it('is what was asked for, and no more than there are processors', () => {
  expect([1, 2, 3, 64].map((asked) => usedThreads(asked, 3))).toEqual([1, 2, 3, 3]);
});

it.skipIf(withoutThreadList)('is that of the threads which a program starts', async () => {
  const [one, many] = runtimes;
  const graph = () => ({ y: square(input('x', [2])) });
  // The process starts threads of its own with the first program.
  await one!.compile(graph());
  const before = readdirSync(threadList).length;
  await many!.compile(graph());
  // The thread that asks for a run computes, too.
  expect(readdirSync(threadList).length - before).toBeLessThanOrEqual(processors);
});
