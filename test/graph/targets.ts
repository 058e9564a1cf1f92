import { expect } from 'vitest';
import { encodeOnnx, type NamedTensors, type Target } from '../../src/graph/index.js';
import { createNativeRuntime } from '../../src/runtime/native.node.js';
import type { Draw } from './draw.js';

/** Checks that what this processor's own form gives is what the form of another target gives. */
export async function expectAsFor(target: Target, draw: Draw, outputs: NamedTensors): Promise<void> {
  // Two threads, since that is where an operator could add up the same place twice at once.
  const runtime = createNativeRuntime({ threads: 2, keepMemory: false });
  const own = await runtime.compile(outputs);
  const other = await runtime.load(encodeOnnx(outputs, {}, target));
  const [found, expected] = [await own.run(draw.values), await other.run(draw.values)];
  await runtime.dispose();
  for (const [name, values] of Object.entries(expected)) {
    const scale = Math.max(1, ...values.map(Math.abs));
    const worst = Math.max(...values.map((value, i) => Math.abs(value - found[name]![i]!)));
    expect(worst, name).toBeLessThan(2e-5 * scale);
  }
}
