import { expect, it } from 'vitest';
import { textbookPair } from '../../../src/methods/gram-instability/textbook-pair.js';
import { createNativeRuntime } from '../../../src/runtime/native.node.js';
import { readGoldenJson } from '../../golden-values.js';

it('the textbook pair has one Gram value and two distributions', async () => {
  const runtime = createNativeRuntime({ threads: 1 });
  const pair = await textbookPair(runtime);
  await runtime.dispose();
  const { unstable_pair: known } = (await readGoldenJson('gram.json')) as {
    unstable_pair: { a: number[]; b: number[] };
  };
  expect(new Set(pair.even.values)).toEqual(new Set(known.a.map(Math.fround)));
  expect(new Set(pair.uneven.values)).toEqual(new Set(known.b));
  for (const map of [pair.even, pair.uneven]) {
    expect([map.side, map.values.length]).toEqual([16, 256]);
    expect(map.gram).toBeCloseTo(0.5, 6);
  }
  expect(pair.even.mean).toBeCloseTo(Math.SQRT1_2, 6);
  expect(pair.even.variance).toBeCloseTo(0, 10);
  expect([pair.uneven.mean, pair.uneven.variance]).toEqual([0.5, 0.25]);
  expect(pair.histogram).toBeCloseTo((1 - Math.SQRT1_2) ** 2 + 0.5, 5);
});
