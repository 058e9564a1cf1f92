import type { Fact } from './method.js';
import type { PlannedScale } from './plan.js';

/** A number as tables show it: four significant digits. */
export const factNumber = (value: number): string => String(Number(value.toPrecision(4)));

/** Three significant digits, with an exponent where the number is very large or small. */
export const shortNumber = (value: number): string =>
  value !== 0 && (Math.abs(value) >= 1e5 || Math.abs(value) < 1e-4)
    ? value.toExponential(1)
    : String(Number(value.toPrecision(3)));

/** Sizes that are optimised at, in one row. */
export function scalesFact(scales: readonly PlannedScale[]): Fact {
  const texts = scales.map(
    (scale) => (scale.label === undefined ? '' : `${scale.label} at `) + scaleText(scale),
  );
  return ['Coarse to fine', texts.join(', ')];
}

/** A size that is optimised at, how, and how long. @param name in the size's place */
export const scaleText = (
  { width, height, window, iterations }: PlannedScale,
  name = `${width}x${height}`,
): string => `${name}${window === undefined ? '' : ` in windows of ${window}`} (${iterations} iterations)`;

/** Layers with their weights. */
export function layersText(weights: Readonly<Record<string, number>>): string {
  return Object.entries(weights)
    .map(([layer, weight]) => `${layer} (${factNumber(weight)})`)
    .join(', ');
}

/** A weight of a term and where it is measured; `not used` where it does not count. */
export function termFact(name: string, weight: number, layers?: Readonly<Record<string, number>>): Fact {
  if (weight === 0) return [name, 'not used'];
  return [name, `weight ${factNumber(weight)}${layers === undefined ? '' : `: ${layersText(layers)}`}`];
}
