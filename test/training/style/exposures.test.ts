import { describe, expect, it } from 'vitest';
import { withExposures } from '../../../src/training/style/exposures.js';

describe('withExposures', () => {
  const ramp = Float32Array.from({ length: 64 * 30 }, (_, i) => (i % 30) / 29);

  it('keeps the order of brightness and the range, the same for the same picture of a training', () => {
    const exposed = withExposures(ramp, 64, 1, 100);
    let [plain, burnt] = [0, 0];
    for (let picture = 0; picture < 64; picture += 1) {
      const values = exposed.subarray(30 * picture, 30 * picture + 30);
      for (let i = 1; i < 30; i += 1) expect(values[i]!).toBeGreaterThanOrEqual(values[i - 1]!);
      expect(values[0]).toBe(0);
      expect(values[29]).toBeLessThanOrEqual(1);
      if (values.every((value, i) => value === ramp[i])) plain += 1;
      if (values[20] === 1) burnt += 1;
    }
    expect(plain).toBeGreaterThan(10);
    expect(burnt).toBeGreaterThan(5);
    const later = withExposures(ramp.subarray(0, 60), 2, 1, 103);
    expect(later).toEqual(exposed.subarray(90, 150));
    expect(ramp[29]).toBe(1);
  });
});
