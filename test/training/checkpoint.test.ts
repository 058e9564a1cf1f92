import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  checkCheckpoint,
  encodeCheckpoint,
  parseCheckpoint,
  resumeFrom,
  type TrainingCheckpoint,
} from '../../src/training/checkpoint.js';
import { HistoryRecorder } from '../../src/training/training-history.js';
import { encodeSafetensors } from '../../src/formats/safetensors.js';
import { FittingTask, gradientPicture } from './fitting-task.js';

const failure = (code: string, message: RegExp) =>
  expect.objectContaining({ code, message: expect.stringMatching(message) as string }) as Error;

function checkpointOf(state: TrainingCheckpoint['state']): TrainingCheckpoint {
  const recorder = new HistoryRecorder();
  recorder.addStep(1, { total: 1 / 3, terms: { 'Größe "x"': 0.1 }, gradientNorm: 2 }, 12.5, 100.25);
  const pictures = [{ caption: '<ö>', image: gradientPicture(12, 7) }];
  recorder.addValidation(1, { losses: { total: 0.7, other: 1e-30 }, pictures }, 200);
  return { kind: 'fitting', fingerprint: '{"size":5}', step: 1, state, history: recorder.history() };
}

describe('a checkpoint', () => {
  it('comes back bit for bit', () => {
    const array = fc.oneof(
      fc.float32Array({ maxLength: 20, noNaN: true }),
      fc.float64Array({ maxLength: 20, noNaN: true }),
    );
    const name = fc.string({ minLength: 1, maxLength: 8 }).filter((text) => text !== '__proto__');
    const state = fc.record({
      scalars: fc.dictionary(name, fc.double(), { noNullPrototype: true }),
      arrays: fc.dictionary(name, array, { noNullPrototype: true }),
    });
    fc.assert(
      fc.property(state, (given) => {
        const checkpoint = checkpointOf(given);
        const found = parseCheckpoint(encodeCheckpoint(checkpoint), 'x');
        expect(found).toEqual(checkpoint);
        // Its own memory, and not a view that another one may share.
        for (const values of Object.values(found.state.arrays)) {
          expect(values.byteLength).toBe(values.buffer.byteLength);
        }
      }),
      { numRuns: 50 },
    );
  });

  it('is refused in words when it is broken, cut off, or something else', () => {
    const bytes = encodeCheckpoint(checkpointOf({ scalars: { a: 1 }, arrays: { w: new Float32Array(9) } }));
    const cases: [Uint8Array, RegExp][] = [
      [new Uint8Array(), /"x" is not a valid safetensors file: it has 0 bytes/],
      [bytes.subarray(0, 100), /"x" is not a valid safetensors file/],
      [bytes.subarray(0, -1), /"x" is not a valid safetensors file/],
      [encodeSafetensors({}, {}), /"x" is not a checkpoint of a training/],
      [encodeSafetensors({}, { pastiche: '{"format":"pastiche stylize state 1"}' }), /not a checkpoint/],
      [encodeSafetensors({}, { pastiche: 'no JSON' }), /not a checkpoint/],
    ];
    for (const [broken, message] of cases) {
      expect(() => parseCheckpoint(broken, 'x')).toThrow(failure('E_STATE', message));
    }
  });

  it('answers any damage of its header with a StyleError, or reads', () => {
    const bytes = encodeCheckpoint(checkpointOf({ scalars: { a: 1 }, arrays: { w: new Float32Array(9) } }));
    fc.assert(
      fc.property(fc.nat(1500), fc.integer({ min: 0, max: 255 }), (at, value) => {
        const damaged = bytes.slice();
        damaged[at] = value;
        try {
          parseCheckpoint(damaged, 'x');
        } catch (error) {
          expect(error).toMatchObject({ name: 'StyleError', code: 'E_STATE' });
        }
      }),
      { numRuns: 200 },
    );
  });
});

describe('a checkpoint of another training', () => {
  const task = { kind: 'fitting', fingerprint: '{"size":5,"rate":0.1}' };

  it.each([
    [{ ...task, kind: 'johnson' }, /is of the training "johnson", not of "fitting"\./],
    [{ ...task, fingerprint: '{"size":5,"rate":0.2}' }, /has rate 0\.2, and not 0\.1\./],
    [
      { ...task, fingerprint: '{"size":6,"seed":1}' },
      /has size 6, and not 5; seed 1, and not none; rate none, and not 0\.1\./,
    ],
    [{ ...task, fingerprint: 'wide' }, /has the settings wide, and not \{"size":5,"rate":0\.1\}\./],
  ])('is refused with what differs: %o', (checkpoint, message) => {
    expect(() => checkCheckpoint(checkpoint, task)).toThrow(failure('E_STATE', message));
  });

  it('leaves the task as it was', async () => {
    const other = new FittingTask({ learningRate: 0.5 });
    await other.step();
    const { kind, fingerprint } = other;
    const checkpoint = { ...checkpointOf(other.state()), kind, fingerprint };
    const own = new FittingTask();
    const before = own.state();
    expect(() => resumeFrom(checkpoint, own)).toThrow(failure('E_STATE', /learningRate 0\.5, and not 0\.05/));
    expect(own.state()).toEqual(before);
  });
});
