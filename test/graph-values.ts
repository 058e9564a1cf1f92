import type { Tensor } from '../src/graph/index.js';
import { createNativeRuntime } from '../src/runtime/native.node.js';
import type { InputValues } from '../src/runtime/runtime.js';

const runtime = createNativeRuntime({ threads: 1, keepMemory: false });

/** Runs one expression once and gives its values. */
export async function valuesOf(tensor: Tensor, inputs: InputValues = {}): Promise<Float32Array> {
  return (await valuesOfAll({ value: tensor }, inputs))['value']!;
}

/** Runs several expressions once, together. */
export async function valuesOfAll(
  outputs: Record<string, Tensor>,
  inputs: InputValues = {},
): Promise<Record<string, Float32Array>> {
  const program = await runtime.compile(outputs);
  const values = await program.run(inputs);
  await program.dispose();
  return values;
}
