import { Adam } from '../../optimizers/adam.js';
import { BoundedLbfgs } from '../../optimizers/bounded-lbfgs.js';
import { CompactAdam } from '../../optimizers/compact-adam.js';
import { Lbfgs } from '../../optimizers/lbfgs.js';
import { stepDecay } from '../../optimizers/learning-rate.js';
import type { FloatArray, Optimizer } from '../../optimizers/optimizer.js';

/** A channel's range in the units that an optimiser computes its pictures in: RGB 0..1 is `[1, 1, 1]`. */
export type PixelUnit = readonly [red: number, green: number, blue: number];

export type OptimizerSettings =
  | {
      readonly name: 'adam';
      /** In the pixel units that go with the optimiser. */
      readonly learningRate: number;
      readonly beta1: number;
      readonly epsilon: number;
      /** Where epsilon is added, see `Adam`; PyTorch's place where it is left out. */
      readonly epsilonPlacement?: 'pytorch' | 'tensorflow';
      /** Multiply the rate by `factor` every `every` steps. */
      readonly decay?: { readonly factor: number; readonly every: number };
      /** Whether pixels are clipped to their range after every step; otherwise only at the end. */
      readonly clip: boolean;
    }
  | { readonly name: 'lbfgs'; readonly learningRate: number; readonly history: number }
  | { readonly name: 'bounded'; readonly history: number }
  /** What takes another one's place where memory has no room for that: see `CompactAdam`. */
  | { readonly name: 'compact'; readonly learningRate: number };

/** What takes the least memory. The rate is that of the least loss after so few steps as very large pictures get: bench/RESULTS.md. */
export const compactOptimizer: OptimizerSettings = { name: 'compact', learningRate: 0.02 };

/** How a picture is optimised at one size. */
export interface OptimizationSettings {
  readonly optimizer: OptimizerSettings;
  /** The optimiser's variable is the picture in these units. @defaultValue RGB 0..1 */
  readonly pixelUnit?: PixelUnit | undefined;
  /** Decay of the moving average of iterates that is the result; 0 is none. @defaultValue 0 */
  readonly average?: number | undefined;
}

/** The optimisers that can be chosen. */
export type OptimizerName = Exclude<OptimizerSettings['name'], 'compact'>;

/** The optimiser of some settings, for a variable in the given units. */
export function createOptimizer(optimizer: OptimizerSettings, units: PixelUnits): Optimizer {
  switch (optimizer.name) {
    case 'adam': {
      const { learningRate, beta1, epsilon, epsilonPlacement = 'pytorch', decay, clip } = optimizer;
      const rate = decay === undefined ? learningRate : stepDecay(learningRate, decay.factor, decay.every);
      return new Adam({
        learningRate: rate,
        beta1,
        epsilon,
        epsilonPlacement,
        ...(clip ? { bounds: { lower: 0, upper: units.upper } } : {}),
      });
    }
    case 'lbfgs':
      return new Lbfgs({ learningRate: optimizer.learningRate, history: optimizer.history });
    case 'bounded':
      return new BoundedLbfgs({ history: optimizer.history, bounds: { lower: 0, upper: 1 } });
    case 'compact':
      return new CompactAdam({ learningRate: optimizer.learningRate, bounds: { lower: 0, upper: 1 } });
  }
}

/**
 * The optimiser's variable is the picture in the units of a formula's source, because a step of a given size means what
 * its source meant only in the source's own units.
 */
export class PixelUnits {
  /** Whether they are those of pixels from 0 to 1. */
  readonly isIdentity: boolean;

  constructor(private readonly unit: PixelUnit) {
    this.isIdentity = unit.every((range) => range === 1);
  }

  /** The largest value of a pixel in these units; the smallest is 0. */
  get upper(): number {
    return 1 / this.unit[0];
  }

  fromPixels(rgb: Float32Array): Float32Array {
    return this.scaled(rgb, (range) => 1 / range);
  }

  toPixels(variable: FloatArray): Float32Array {
    return this.isIdentity ? (variable as Float32Array) : this.scaled(variable, (range) => range);
  }

  /** By the chain rule a gradient scales as the pixels do. */
  gradient(ofPixels: Float32Array): Float32Array {
    return this.isIdentity ? ofPixels : this.scaled(ofPixels, (range) => range);
  }

  private scaled(values: FloatArray, factor: (range: number) => number): Float32Array {
    const plane = values.length / 3;
    const out = Float32Array.from(values);
    this.unit.forEach((range, channel) => {
      const by = factor(range);
      for (let i = channel * plane; i < (channel + 1) * plane; i += 1) out[i]! *= by;
    });
    return out;
  }
}
