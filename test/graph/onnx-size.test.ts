import { afterAll, describe, expect, it } from 'vitest';
import * as graph from '../../src/graph/index.js';
import { encodeOnnx, fixPictureSize, input, readOnnxFile, type Tensor } from '../../src/graph/index.js';
import { createNativeRuntime } from '../../src/runtime/native.node.js';

const runtime = createNativeRuntime({ threads: 1 });
afterAll(() => runtime.dispose());

const from = { height: 16, width: 24 };
const axes = {
  input: { name: 'x', channelsLast: false },
  output: { name: 'y', channelsLast: false },
} as const;

/** Runs a graph that was written at one size at another. */
async function runAt(y: (x: Tensor) => Tensor, to: { height: number; width: number }): Promise<unknown> {
  const { bytes } = encodeOnnx({ y: y(input('x', [1, 3, from.height, from.width])) });
  const sized = fixPictureSize(bytes, readOnnxFile(bytes)!, axes, from, to);
  if (sized === undefined) return undefined;
  const program = await runtime.open(sized.model);
  const x = Float32Array.from({ length: 3 * to.height * to.width }, (_, i) => i);
  const values = (await program.run({ x }))['y']!;
  return { isScaled: sized.isScaled, values: [...values], x: [...x] };
}

/** Doubles a map by copies side by side, as exporters without an operator for it did. */
const doubled = (map: Tensor): Tensor => {
  const [, channels, height, width] = map.shape as [number, number, number, number];
  const twice = (x: Tensor): Tensor => graph.concat([x, x], 1);
  const columns = graph.reshape(twice(graph.reshape(map, [channels * height * width, 1])), [
    channels * height,
    2 * width,
  ]);
  return graph.reshape(twice(columns), [1, channels, 2 * height, 2 * width]);
};

describe('a file at another size', () => {
  it('has a graph without shapes as it is', async () => {
    const { isScaled, values, x } = (await runAt((picture) => graph.multiply(picture, 2), {
      height: 9,
      width: 7,
    })) as { isScaled: boolean; values: number[]; x: number[] };
    expect(isScaled).toBe(false);
    expect(values).toEqual(x.map((value) => 2 * value));
  });

  it('has its shapes of maps scaled, height and width each in its place', async () => {
    const to = { height: 10, width: 14 };
    const { isScaled, values, x } = (await runAt((picture) => doubled(graph.maxPool(picture, 2)), to)) as {
      isScaled: boolean;
      values: number[];
      x: number[];
    };
    expect(isScaled).toBe(true);
    // The largest of four growing numbers is the last.
    const expected = x.map((_, i) => {
      const [column, row] = [i % to.width, Math.floor(i / to.width)];
      return x[(row - (row % 2) + 1) * to.width + column - (column % 2) + 1];
    });
    expect(values).toEqual(expected);
  });

  it('has none where a shape would be broken', async () => {
    const flattened = (picture: Tensor): Tensor => {
      const flat = graph.square(graph.reshape(graph.maxPool(picture, 2), [1, 3, 8 * 12]));
      return graph.upsampleNearest(graph.reshape(flat, [1, 3, 8, 12]), 2);
    };
    expect(await runAt(flattened, { height: 10, width: 12 })).toMatchObject({ isScaled: true });
    expect(await runAt(flattened, { height: 10, width: 13 })).toBeUndefined();
  });

  it('keeps numbers that are none of a shape', async () => {
    const { values, x } = (await runAt(
      (picture) => graph.add(picture, graph.constant([16, 24, 384], [1, 3, 1, 1])),
      { height: 5, width: 6 },
    )) as { values: number[]; x: number[] };
    expect(values).toEqual(x.map((value, i) => value + [16, 24, 384][Math.floor(i / 30)]!));
  });
});

describe('reading a file', () => {
  const { bytes } = encodeOnnx({ y: graph.reshape(graph.square(input('x', [1, 3, 4, 5])), [3, 20]) });

  it('tells its shapes and what has to be given', () => {
    const file = readOnnxFile(bytes)!;
    expect(file.inputs.map(({ name, shape }) => ({ name, shape }))).toEqual([
      { name: 'x', shape: [1, 3, 4, 5] },
    ]);
    expect(Object.values(file.integers)).toContainEqual([3, 20]);
    expect(file.isPartial).toBe(false);
  });

  it('is refused of what was cut off anywhere', () => {
    for (let length = 0; length < bytes.length - 40; length += 7)
      expect(readOnnxFile(bytes.subarray(0, length))).toBeUndefined();
  });
});
