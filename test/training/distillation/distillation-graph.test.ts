import { describe, expect, it } from 'vitest';
import { gradients, input, type NamedTensors, type PaddingMode } from '../../../src/graph/index.js';
import { createRandom } from '../../../src/random.js';
import {
  basisInputs,
  layerwiseGraph,
  networkGraph,
  patchSize,
  studentFeatures,
  studentParameterShapes,
  type Lesson,
} from '../../../src/training/distillation/distillation-graph.js';
import type { StudentLayer } from '../../../src/training/distillation/student-design.js';
import { valuesOfAll } from '../../graph-values.js';
import { narrowVgg } from '../../networks/reference-vgg.js';
import { plainTerms, randomPictures, studentLayers } from './plain-distillation.js';

const teacher = narrowVgg('vgg19');
const size = 32;
const count = 2;
const pictures = randomPictures(count, size);
const graphs = { layerwise: layerwiseGraph, network: networkGraph };
type Kind = keyof typeof graphs;

type Values = Record<string, Float32Array>;
const byLayer = (layers: readonly StudentLayer[], make: (layer: StudentLayer) => Float32Array): Values =>
  Object.fromEntries(layers.map((layer) => [layer.name, make(layer)]));

/** Lower triangles, as whitening gives them. */
function triangles(layers: readonly StudentLayer[], seed: number): Values {
  const random = createRandom(seed);
  return byLayer(layers, (layer) => {
    const side = patchSize(layer);
    return Float32Array.from({ length: side * side }, (_, i) => {
      const [row, column] = [Math.floor(i / side), i % side];
      return column > row ? 0 : column === row ? 1 + random.uniform() : (0.3 * random.normal()) / side;
    });
  });
}

const identities = (layers: readonly StudentLayer[]): Values =>
  byLayer(layers, (layer) => {
    const side = patchSize(layer);
    return Float32Array.from({ length: side * side }, (_, i) => (i % (side + 1) === 0 ? 1 : 0));
  });

/** Values that keep a student's features alive. */
function randomValues(layers: readonly StudentLayer[], seed: number): Values {
  const random = createRandom(seed);
  return byLayer(layers, (layer) => {
    const { length, scale } = {
      length: layer.outputChannels * patchSize(layer),
      scale: Math.sqrt(2 / patchSize(layer)),
    };
    return Float32Array.from({ length }, () => scale * random.normal());
  });
}

/** The teacher's own weights and biases, a row for each channel. */
const teacherValues = (layers: readonly StudentLayer[]): Values =>
  byLayer(layers, ({ name }) => {
    const { weight, bias } = teacher.convolutions[name]!;
    const taps = weight.length / bias.length;
    return Float32Array.from(bias, (value) => value).reduce<Float32Array>(
      (rows, value, k) => {
        rows.set(weight.subarray(k * taps, (k + 1) * taps), k * (taps + 1));
        rows[k * (taps + 1) + taps] = value;
        return rows;
      },
      new Float32Array(weight.length + bias.length),
    );
  });

function lessonOf(widths: readonly number[], padding: PaddingMode): Lesson {
  const random = createRandom(3);
  const layers = studentLayers(teacher, widths);
  const kept = Object.fromEntries(
    layers.map(({ name, outputChannels, teacherChannels }) => {
      const channels = Array.from({ length: teacherChannels }, (_, i) => i);
      while (channels.length > outputChannels)
        channels.splice(Math.floor(random.uniform() * channels.length), 1);
      return [name, channels];
    }),
  );
  const meanSquares = Object.fromEntries(layers.map(({ name }) => [name, 0.2 + random.uniform()]));
  return { teacher, layers, padding, kept, meanSquares };
}

/** Total, terms and gradients as the graph gives them. */
async function run(kind: Kind, lesson: Lesson, values: Values, bases: Values) {
  const shapes = studentParameterShapes(lesson.layers);
  const parameters: NamedTensors = Object.fromEntries(
    Object.entries(shapes).map(([name, shape]) => [name, input(name, shape)]),
  );
  const { total, terms } = graphs[kind](input('pictures', [count, 3, size, size]), parameters, lesson);
  const derived = gradients(total, Object.values(parameters));
  const named = Object.fromEntries(Object.keys(parameters).map((name, i) => [`d ${name}`, derived[i]!]));
  const results = await valuesOfAll(
    { total, ...terms, ...named },
    { pictures, ...values, ...basisInputs(bases) },
  );
  return {
    total: results['total']![0]!,
    terms: Object.fromEntries(Object.keys(terms).map((name) => [name, results[name]![0]!])),
    gradient: byLayer(lesson.layers, ({ name }) => results[`d ${name}`]!),
  };
}

const narrow = [2, 2, 3, 4, 3];
const full = [2, 3, 4, 5, 6];

describe.each(['layerwise', 'network'] as const)('the %s loss', (kind) => {
  it.each([
    ['zero', narrow],
    ['reflect', narrow],
    ['zero', full],
  ] as const)('is that of plain loops, with %s padding and widths of %s', async (padding, widths) => {
    const lesson = lessonOf(widths, padding);
    const [values, bases] = [randomValues(lesson.layers, 5), triangles(lesson.layers, 6)];
    const { total, terms } = await run(kind, lesson, values, bases);
    const expected = plainTerms(kind, pictures, size, { layers: lesson.layers, values, bases }, lesson);
    expect(Object.keys(terms)).toEqual(Object.keys(expected));
    expect(Object.keys(terms)).toContain('relu4_2');
    expect(Object.keys(terms).at(-1)).toBe('relu5_1');
    for (const [name, value] of Object.entries(expected))
      expect(Math.abs(terms[name]! - value), name).toBeLessThan(1e-5 + 1e-4 * value);
    expect(total / Object.values(expected).reduce((sum, value) => sum + value, 0)).toBeCloseTo(1, 4);
  });

  it('has the gradient of finite differences', async () => {
    const lesson = lessonOf(narrow, 'zero');
    const { layers } = lesson;
    const [values, bases] = [randomValues(layers, 7), triangles(layers, 8)];
    const { gradient } = await run(kind, lesson, values, bases);
    const step = 1e-5;
    // Along a direction within one layer each: in the whole they would drown in the largest.
    for (const { name } of [layers[0]!, layers[4]!, layers[8]!, layers.at(-1)!]) {
      const random = createRandom(9);
      const direction = Float64Array.from(values[name]!, () => random.normal());
      const at = (ahead: number): number => {
        const moved = Array.from(values[name]!, (value, i) => value + ahead * direction[i]!);
        const student = { layers, values: { ...values, [name]: moved }, bases };
        const terms = plainTerms(kind, pictures, size, student, lesson);
        return Object.values(terms).reduce((sum, value) => sum + value, 0);
      };
      const slope = gradient[name]!.reduce((sum, value, i) => sum + value * direction[i]!, 0);
      expect((at(step) - at(-step)) / (2 * step) / slope, name).toBeCloseTo(1, 2);
    }
  });

  it('is 0 for the teacher itself', async () => {
    const lesson = lessonOf(full, 'zero');
    const { layers } = lesson;
    const { total, terms } = await run(kind, lesson, teacherValues(layers), identities(layers));
    expect(Object.keys(terms)).toHaveLength(13);
    expect(total).toBeLessThan(1e-9);
    // Far from it where one layer is another.
    const values = { ...teacherValues(layers), conv3_2: randomValues(layers, 1)['conv3_2']! };
    const other = await run(kind, lesson, values, identities(layers));
    expect(other.terms['relu3_2']).toBeGreaterThan(0.1);
    expect(other.terms['relu3_1']).toBeLessThan(1e-9);
    if (kind === 'layerwise') expect(other.terms['relu3_3']).toBeLessThan(1e-9);
    else expect(other.terms['relu3_3']).toBeGreaterThan(0.01);
  });
});

describe('the layerwise loss', () => {
  it('is convex along random segments', async () => {
    const lesson = lessonOf(narrow, 'zero');
    const bases = triangles(lesson.layers, 8);
    for (const seed of [1, 2, 3]) {
      const [from, to] = [randomValues(lesson.layers, seed), randomValues(lesson.layers, 10 + seed)];
      const between = (share: number): Values =>
        byLayer(lesson.layers, ({ name }) =>
          from[name]!.map((value, i) => value + share * (to[name]![i]! - value)),
        );
      const shares = [-0.5, 0, 0.3, 0.5, 1, 1.6];
      const losses: Record<string, number>[] = [];
      for (const share of shares) {
        losses.push((await run('layerwise', lesson, between(share), bases)).terms);
      }
      for (let k = 1; k + 1 < shares.length; k += 1) {
        const [a, b, c] = shares.slice(k - 1, k + 2) as [number, number, number];
        const weight = (b - a) / (c - a);
        for (const name of Object.keys(losses[k]!)) {
          const chord = (1 - weight) * losses[k - 1]![name]! + weight * losses[k + 1]![name]!;
          expect(losses[k]![name]!, `${name} at ${b}`).toBeLessThanOrEqual(chord * (1 + 1e-5));
        }
      }
    }
  });

  it('moves channels that are never active, where the loss of the whole network leaves them dead', async () => {
    const lesson = lessonOf(narrow, 'zero');
    const { layers } = lesson;
    const values = byLayer(layers, (layer) => {
      const rows = randomValues(layers, 2)[layer.name]!;
      const side = patchSize(layer);
      return rows.map((value, i) => (i % side === side - 1 ? -1000 : value));
    });
    const layerwise = await run('layerwise', lesson, values, identities(layers));
    const network = await run('network', lesson, values, identities(layers));
    for (const layer of layers) {
      const side = patchSize(layer);
      // The derivative with respect to the bias says: upwards.
      const biases = layerwise.gradient[layer.name]!.filter((_, i) => i % side === side - 1);
      expect(Math.min(...biases), layer.name).toBeLessThan(-1);
      expect(network.gradient[layer.name]!.every((value) => value === 0)).toBe(true);
    }
  });

  it('of a layer depends on that layer alone', async () => {
    const lesson = lessonOf(narrow, 'zero');
    const { layers } = lesson;
    const [values, bases] = [randomValues(layers, 5), triangles(layers, 6)];
    const before = await run('layerwise', lesson, values, bases);
    const after = await run(
      'layerwise',
      lesson,
      { ...values, conv2_2: randomValues(layers, 77)['conv2_2']! },
      bases,
    );
    for (const { name } of layers) {
      const relu = name.replace('conv', 'relu');
      if (name === 'conv2_2') expect(after.terms[relu]).not.toBe(before.terms[relu]);
      else {
        expect(after.terms[relu]).toBe(before.terms[relu]);
        expect(after.gradient[name]).toEqual(before.gradient[name]);
      }
    }
  });
});

describe('the features of a student', () => {
  it('are at every layer, as wide as the student', () => {
    const lesson = lessonOf(narrow, 'reflect');
    const parameters = Object.fromEntries(
      Object.entries(studentParameterShapes(lesson.layers)).map(([name, shape]) => [
        name,
        input(name, shape),
      ]),
    );
    const features = studentFeatures(input('pictures', [1, 3, 48, 33]), parameters, lesson);
    expect(
      Object.fromEntries(Object.entries(features).map(([name, { shape }]) => [name, shape])),
    ).toMatchObject({
      conv1_1: [1, 2, 48, 33],
      conv3_4: [1, 3, 12, 8],
      conv5_1: [1, 3, 3, 2],
    });
    expect(Object.keys(features)).toEqual(lesson.layers.map(({ name }) => name));
  });
});
