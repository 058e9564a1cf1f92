import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { encodeSafetensors, parseSafetensors } from '../../../src/formats/safetensors.js';
import { createImage } from '../../../src/images/image.js';
import {
  checkStateFile,
  decodeWalkState,
  encodeWalkState,
  type WalkState,
} from '../../../src/methods/optimization/walk-state.js';
import { thrownBy } from '../method-runs.js';

const float32s = fc
  .array(fc.float({ noNaN: true }), { maxLength: 9 })
  .map((values) => Float32Array.from(values));
const float64s = fc
  .array(fc.double({ noNaN: true }), { maxLength: 9 })
  .map((values) => Float64Array.from(values));
const number = fc.double({ noNaN: true, noDefaultInfinity: true });
const count = fc.nat(1e6);
/** Also names with dots, as those of tensors have. */
const name = fc.string({ minLength: 1, maxLength: 9 }).filter((text) => text !== '__proto__');
const optimizer = fc.record({
  name: fc.string(),
  scalars: fc.dictionary(name, number, { noNullPrototype: true }),
  arrays: fc.dictionary(name, fc.oneof(float32s, float64s), { noNullPrototype: true }),
});
const losses = fc.record(
  { total: number, content: number, style: number, totalVariation: number },
  { requiredKeys: ['total'], noNullPrototype: true },
);
const picture = fc
  .record({
    width: fc.integer({ min: 1, max: 4 }),
    height: fc.integer({ min: 1, max: 4 }),
    value: fc.float(),
  })
  .map(({ width, height, value }) =>
    createImage(
      width,
      height,
      Float32Array.from({ length: 3 * width * height }, (_, i) => value + i),
    ),
  );
const state: fc.Arbitrary<WalkState> = fc
  .record({
    ...{ step: count, done: count, evaluations: count, stalled: fc.boolean() },
    variable: float32s,
    best: fc.record({ total: fc.double({ noNaN: true }), variable: float32s }),
    optimizer,
    average: fc.option(optimizer, { nil: undefined }),
    start: fc.option(float32s, { nil: undefined }),
    before: fc.array(fc.tuple(picture, losses), { maxLength: 3 }),
    curve: fc.array(
      fc
        .record({ point: losses, iteration: count, scale: count, elapsed: number })
        .map(({ point, ...rest }) => ({ ...point, ...rest })),
      { maxLength: 4 },
    ),
    fingerprint: fc.string(),
  })
  .map(({ before, ...parts }) => ({
    ...parts,
    scale: before.length,
    earlier: before.map(([image]) => image),
    earlierLosses: before.map(([, values]) => values),
  }));

/** JSON knows no -0. */
const withoutSigns = (value: unknown): unknown =>
  typeof value === 'number'
    ? value + 0
    : value === null || typeof value !== 'object' || ArrayBuffer.isView(value)
      ? value
      : Array.isArray(value)
        ? value.map(withoutSigns)
        : Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, withoutSigns(inner)]));

const some: WalkState = {
  ...{ step: 2, done: 4, scale: 1, evaluations: 7, stalled: false, fingerprint: 'pictures' },
  variable: Float32Array.of(0.5, 1),
  best: { total: 8.5, variable: Float32Array.of(0.75, 1) },
  start: Float32Array.of(0.25),
  earlier: [createImage(1, 1, Float32Array.of(0, 0.5, 1))],
  earlierLosses: [{ total: 2, style: 2 }],
  optimizer: { name: 'adam', scalars: { steps: 2 }, arrays: { mean: Float64Array.of(1, 2) } },
  average: { name: 'average', scalars: { count: 2 }, arrays: { sum: Float32Array.of(1, 2) } },
  curve: [{ iteration: 1, scale: 0, elapsed: 3.5, total: 9, style: 9 }],
};
const refused = expect.objectContaining({ code: 'E_STATE', option: 'resume' }) as unknown;

describe('a saved state', () => {
  it('is read back as it was, every value in its own precision', () => {
    fc.assert(
      fc.property(state, fc.string(), (saved, method) => {
        expect(withoutSigns(decodeWalkState(method, encodeWalkState(method, saved)))).toEqual(
          withoutSigns(saved),
        );
      }),
    );
  });

  it('is a safetensors file: its numbers are tensors, and the rest is JSON', () => {
    const file = parseSafetensors(encodeWalkState('gram', some), 'state');
    expect(file.tensor('variable').float32()).toEqual(some.variable);
    expect(file.tensor('optimizer.mean').float64()).toEqual(some.optimizer.arrays['mean']);
    expect(JSON.parse(file.metadata['pastiche']!)).toMatchObject({
      ...{ format: 'pastiche state 3', method: 'gram', step: 2, evaluations: 7 },
      earlier: [{ width: 1, height: 1, losses: { total: 2, style: 2 } }],
    });
  });

  it('of another method is refused, with the names of both', () => {
    const error = thrownBy(() => decodeWalkState('texture', encodeWalkState('gram', some)));
    expect(error).toEqual(refused);
    expect(error).toMatchObject({ message: 'The saved state belongs to gram, not to texture.' });
  });

  it('of another version is refused as such', () => {
    const metadata = { pastiche: JSON.stringify({ format: 'pastiche stylize state 1', step: 3 }) };
    const bytes = encodeSafetensors({}, metadata);
    const sentence = "is of another version of Pastiche, whose states this one can't go on from.";
    const errors = [
      thrownBy(() => decodeWalkState('gram', bytes)),
      thrownBy(() => checkStateFile(bytes, 'old.safetensors')),
    ];
    expect(errors).toEqual([refused, refused]);
    expect(errors.map((error) => (error as Error).message)).toEqual([
      `The saved state ${sentence}`,
      `"old.safetensors" ${sentence}`,
    ]);
  });

  it('that was cut off anywhere is refused', () => {
    const bytes = encodeWalkState('gram', some);
    for (let length = 0; length < bytes.length; length += 1) {
      expect(thrownBy(() => decodeWalkState('gram', bytes.subarray(0, length)))).toEqual(refused);
    }
  });

  it('with broken bytes is a state still, or refused', () => {
    const bytes = encodeWalkState('gram', some);
    fc.assert(
      fc.property(fc.nat(bytes.length - 1), fc.integer({ min: 1, max: 255 }), (place, change) => {
        const broken = bytes.with(place, bytes[place]! ^ change);
        try {
          const { earlier, scale, curve } = decodeWalkState('gram', broken);
          expect(earlier).toHaveLength(scale);
          expect(curve.every(({ total }) => Number.isFinite(total))).toBe(true);
        } catch (error) {
          expect(error).toEqual(refused);
        }
      }),
      { numRuns: 1000 },
    );
  });

  it('is no file of anything else', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 64 }), (bytes) => {
        expect(thrownBy(() => decodeWalkState('gram', bytes))).toEqual(refused);
      }),
    );
    const variable = { dtype: 'F32', shape: [1], data: [1] } as const;
    for (const metadata of [{}, { pastiche: 'null' }, { pastiche: '{' }, { other: '{}' }]) {
      const file = encodeSafetensors({ variable }, metadata);
      expect(thrownBy(() => decodeWalkState('gram', file))).toEqual(refused);
    }
  });

  it.each([
    ...[{ format: 'pastiche state 2' }, { step: -1 }, { step: 1.5 }, { done: -1 }, { scale: -1 }],
    ...[{ scale: 0 }, { scale: 2 }, { evaluations: '7' }, { stalled: undefined }, { fingerprint: 3 }],
    ...[{ earlier: [{ width: 2, height: 1 }] }, { earlier: [{ width: 0, height: 1 }] }, { curve: [{}] }],
    ...[{ curve: [{ iteration: 1, scale: 0, elapsed: 3, total: 'much' }] }, { optimizer: { name: 'adam' } }],
  ])('with %j in its head is refused', (wrong) => {
    const file = parseSafetensors(encodeWalkState('gram', some), 'state');
    const json = { ...(JSON.parse(file.metadata['pastiche']!) as object), ...wrong };
    const tensors = [...file.tensors.values()].map(({ name: tensor, dtype, shape, ...rest }) => [
      tensor,
      { dtype, shape, data: file.tensor(tensor).values(), ...rest },
    ]);
    const bytes = encodeSafetensors(Object.fromEntries(tensors) as never, { pastiche: JSON.stringify(json) });
    expect(thrownBy(() => decodeWalkState('gram', bytes))).toEqual(refused);
  });
});
