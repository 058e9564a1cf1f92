import { vggLayers } from '../../../src/networks/vgg-layers.js';
import type { VggWeights } from '../../../src/networks/vgg-weights.js';
import { createRandom } from '../../../src/random.js';
import type { Lesson } from '../../../src/training/distillation/distillation-graph.js';
import type { StudentLayer } from '../../../src/training/distillation/student-design.js';
import { Grid } from '../../graph/grid.js';
import { convolve, halve, referenceFeatures } from '../../networks/reference-vgg.js';

/** A student with so many channels in each block; unlike in a real one, widths need not be multiples of eight. */
export function studentLayers(teacher: VggWeights, widths: readonly number[]): StudentLayer[] {
  let [inputChannels, block] = [3, 1];
  return vggLayers(teacher.architecture)
    .filter((layer) => layer.block < 5 || layer.name === 'conv5_1')
    .map((layer) => {
      const outputChannels = widths[layer.block - 1]!;
      const { outputChannels: teacherChannels } = teacher.convolutions[layer.name]!;
      const pooled = layer.block !== block;
      const student = { name: layer.name, block: layer.block, pooled, inputChannels, outputChannels };
      [inputChannels, block] = [outputChannels, layer.block];
      return { ...student, teacherChannels };
    });
}

/** Pictures `[count, 3, size, size]`, smooth and rough at once, RGB in [0, 1]. */
export function randomPictures(count: number, size: number, seed = 1): Float32Array {
  const random = createRandom(seed);
  const waves = Array.from({ length: 3 * count }, () => [random.normal(), random.normal(), random.uniform()]);
  return Float32Array.from({ length: 3 * count * size * size }, (_, i) => {
    const [plane, row, column] = [Math.floor(i / size / size), Math.floor(i / size) % size, i % size];
    const [a, b, c] = waves[plane] as [number, number, number];
    const value = 0.5 + 0.35 * Math.sin(0.4 * (a * row + b * column) + 6 * c) + 0.08 * random.normal();
    return Math.min(Math.max(value, 0), 1);
  });
}

/** What a student is trained by, in double precision. */
export interface PlainStudent {
  readonly layers: readonly StudentLayer[];
  /** By layer, `[K, 9 C + 1]`. */
  readonly values: Readonly<Record<string, ArrayLike<number>>>;
  /** By layer, `[9 C + 1, 9 C + 1]`. */
  readonly bases: Readonly<Record<string, ArrayLike<number>>>;
}

/** A layer's convolution: the product of its values and its basis, the bias last in each row. */
export function plainConvolution({ values, bases }: PlainStudent, layer: StudentLayer) {
  const { name, inputChannels, outputChannels } = layer;
  const size = 9 * inputChannels + 1;
  const [weight, bias]: [number[], number[]] = [[], []];
  for (let row = 0; row < outputChannels; row += 1) {
    for (let column = 0; column < size; column += 1) {
      let sum = 0;
      for (let k = 0; k < size; k += 1) {
        sum += values[name]![row * size + k]! * bases[name]![k * size + column]!;
      }
      (column === size - 1 ? bias : weight).push(sum);
    }
  }
  return { inputChannels, outputChannels, kernel: 3, weight, bias };
}

const picturesOf = (pictures: ArrayLike<number>, size: number): Grid[] => {
  const length = 3 * size * size;
  return Array.from(
    { length: pictures.length / length },
    (_, n) =>
      new Grid(
        [3, size, size],
        Array.from({ length }, (__, i) => pictures[n * length + i]!),
      ),
  );
};

const keep = (map: Grid, kept: readonly number[]): Grid =>
  Grid.of([kept.length, ...map.shape.slice(1)], (c, row, column) => map.at(kept[c!]!, row!, column!));

const activated = (map: Grid): Grid =>
  new Grid(
    map.shape,
    Array.from(map.data, (value) => Math.max(value, 0)),
  );

/** The terms of the loss by layer (`relu4_2`), by plain loops over pictures, layers, channels and places. */
export function plainTerms(
  kind: 'layerwise' | 'network',
  pictures: ArrayLike<number>,
  size: number,
  student: PlainStudent,
  { teacher, padding, kept, meanSquares }: Omit<Lesson, 'layers'>,
): Record<string, number> {
  const terms: Record<string, number> = {};
  const all = picturesOf(pictures, size);
  for (const picture of all) {
    const features = referenceFeatures(picture, teacher, 'max', padding);
    let before = convolve(picture, teacher.preprocess, 'zero');
    for (const layer of student.layers) {
      const relu = layer.name.replace('conv', 'relu');
      const wanted = keep(features[relu]!, kept[layer.name]!);
      const seen = layer.pooled ? halve(before, 'max') : before;
      const found = convolve(seen, plainConvolution(student, layer), padding);
      let squares = 0;
      for (let i = 0; i < wanted.data.length; i += 1) {
        const [f, t] = [found.data[i]!, wanted.data[i]!];
        // Where the teacher's value is 0, all that is known is that it was 0 or less.
        const linear = kind === 'layerwise' && t > 0;
        squares += (linear ? f - t : Math.max(f, 0) - t) ** 2;
      }
      const share = squares / wanted.data.length / all.length / meanSquares[layer.name]!;
      terms[relu] = (terms[relu] ?? 0) + share;
      before = kind === 'layerwise' ? wanted : activated(found);
    }
  }
  return terms;
}
