import { describe, expect, it } from 'vitest';
import { condenseCurve, HistoryRecorder } from '../../src/training/training-history.js';
import { gradientPicture } from './fitting-task.js';

const loss = (step: number): number => Math.sin(step) + 2;

function recordSteps(count: number, recorder = new HistoryRecorder(), from = 1): HistoryRecorder {
  for (let step = from; step <= count; step += 1) {
    const report = { total: loss(step), terms: { a: 2 * loss(step) }, gradientNorm: step };
    recorder.addStep(step, report, 10, 10 * step);
  }
  return recorder;
}

describe('the history of a training', () => {
  it.each([1, 1999, 2000, 2001, 9001])('is bounded: the means of %i steps', (count) => {
    const { curve, window } = recordSteps(count).history();
    expect(curve.length).toBeLessThanOrEqual(2000);
    expect(curve.length).toBe(Math.ceil(count / window));
    expect(window).toBe(count <= 2000 ? 1 : count === 2001 ? 2 : 8);
    let step = 0;
    for (const point of curve) {
      const own = Array.from({ length: point.steps }, () => loss((step += 1)));
      const mean = own.reduce((sum, value) => sum + value, 0) / own.length;
      expect(point.step).toBe(step);
      expect(point.total).toBeCloseTo(mean, 10);
      expect(point.terms['a']).toBeCloseTo(2 * mean, 10);
      expect(point.gradientNorm).toBeCloseTo(step - (own.length - 1) / 2, 6);
      expect([point.milliseconds, point.elapsed]).toEqual([10, 10 * step]);
    }
    expect(step).toBe(count);
  });

  it('can be drawn with fewer points still, whose mean is the same', () => {
    const { curve } = recordSteps(1501).history();
    expect(condenseCurve(curve, 1501)).toBe(curve);
    const short = condenseCurve(curve, 400);
    expect(short.map(({ steps }) => steps)).toEqual([...new Array<number>(375).fill(4), 1]);
    const sum = (points: typeof curve): number =>
      points.reduce((total, point) => total + point.total * point.steps, 0);
    expect(sum(short)).toBeCloseTo(sum(curve), 8);
    expect(short.at(-1)).toEqual(curve.at(-1));
  });

  it('goes on where it stopped, also within a window', () => {
    const whole = recordSteps(5003).history();
    const first = recordSteps(2501).history();
    const copy = structuredClone(first);
    expect(recordSteps(5003, new HistoryRecorder(first), 2502).history()).toEqual(whole);
    expect(first).toEqual(copy);
  });

  it('has all validations, and small pictures of a dozen from the first to the latest', () => {
    const recorder = new HistoryRecorder();
    const image = gradientPicture(512, 64);
    for (let step = 0; step <= 1000; step += 10) {
      const pictures = [{ caption: `at ${step}`, image }];
      recorder.addValidation(step, { losses: { total: step, other: 1 }, pictures }, step);
      expect([recorder.hasValidation(step), recorder.hasValidation(step - 1)]).toEqual([true, false]);
    }
    const { validations, pictures } = recorder.history();
    expect(validations.map(({ step }) => step)).toEqual(Array.from({ length: 101 }, (_, i) => 10 * i));
    expect(pictures).toHaveLength(12);
    expect([pictures[0]!.caption, pictures[11]!.caption]).toEqual(['at 0', 'at 1000']);
    expect(pictures.every(({ image }) => image.width === 256 && image.height === 32)).toBe(true);
    const gaps = pictures.slice(1).map(({ step }, index) => step - pictures[index]!.step);
    expect(Math.min(...gaps)).toBeGreaterThan(0);
    expect(Math.max(...gaps)).toBeLessThanOrEqual(200);
  });
});
