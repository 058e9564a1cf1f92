import { describe, expect, it } from 'vitest';
import {
  estimateCost,
  findPositions,
  segmentNeeds,
  type PositionedExpression,
} from '../../../src/graph/index.js';
import { totalled } from '../../../src/methods/optimization/loss-terms.js';
import { chooseWindows, type WindowForm } from '../../../src/methods/optimization/window-choice.js';
import { graphsOf, plannedWindows } from '../../../src/methods/optimization/windowed-graphs.js';
import { resolveStylizeSettings } from '../../../src/methods/stylize/options.js';
import { stylizeLoss } from '../../../src/methods/stylize/picture-loss.js';
import { toyPerceptual } from '../../toy-any-style.js';

const sides = [704, 896] as const;
const [height, width] = sides;
const { terms } = stylizeLoss(toyPerceptual, resolveStylizeSettings({}), { width, height });
const expression: PositionedExpression = findPositions(totalled(terms), 'picture', sides);

/** What the graphs themselves take, which the choice only estimates. */
function countedWork(form: WindowForm): { operations: number; bytes: number } {
  const { graphs, times, hostBytes } = plannedWindows(graphsOf(expression, form));
  const costs = graphs.map((graph) => estimateCost(graph));
  return {
    operations: costs.reduce((sum, { operations }, index) => sum + operations * times[index]!, 0),
    bytes: costs.reduce((sum, { peakBytes }) => sum + peakBytes, hostBytes(false)),
  };
}

describe('the choice of windows', () => {
  it.each([96, 192])(
    'takes fewer operations than windows of %i pixels without cuts, in not much more memory',
    (side) => {
      const [needs] = segmentNeeds(expression, []);
      const uncut = countedWork({ cuts: [], segments: [{ needs: needs!, side }] });
      const form = chooseWindows(expression, side);
      const chosen = countedWork(form);
      expect(form.cuts.length).toBeGreaterThan(0);
      expect(chosen.operations).toBeLessThan(0.8 * uncut.operations);
      // The choice estimates; a plan counts what is chosen.
      expect(chosen.bytes).toBeLessThan(1.6 * uncut.bytes);
    },
  );

  it('takes fewer operations the more memory there is', () => {
    const operations = [64, 128, 256, 448].map(
      (side) => countedWork(chooseWindows(expression, side)).operations,
    );
    expect(operations).toEqual([...operations].sort((one, other) => other - one));
  });

  it('has cores that cover every segment and windows that the next one can begin from', () => {
    const { cuts, segments } = chooseWindows(expression, 128);
    expect(segments.length === cuts.length || segments.length === cuts.length + 1).toBe(true);
    for (const { needs, side } of segments) expect(side).toBeGreaterThanOrEqual(needs.alignment);
  });
});
