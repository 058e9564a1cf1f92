import { describe, expect, it } from 'vitest';
import { activationHistogram } from '../../src/losses/activation-histogram.js';

describe('counting activations', () => {
  it('counts all sets into the same bins', () => {
    const { centres, parts } = activationHistogram(
      { one: Float32Array.of(0, 0.5, 1.5, 4), two: Float32Array.of(3, 3.99) },
      4,
    );
    expect(centres).toEqual([0.5, 1.5, 2.5, 3.5]);
    expect(parts).toEqual({ one: [0.5, 0.25, 0, 0.25], two: [0, 0, 0, 1] });
  });

  it('puts what is all the same into one bin', () => {
    const { parts } = activationHistogram({ flat: new Float32Array(5).fill(-2) }, 3);
    expect(parts['flat']).toEqual([1, 0, 0]);
  });
});
