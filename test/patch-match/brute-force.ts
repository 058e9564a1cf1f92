import type { FeatureMaps } from '../../src/patch-match/feature-maps.js';

/**
 * One picture's matches by loops in double precision, pair by pair and tap by tap.
 * @param tie by how much a later match must be better
 */
export function bruteForceMatch(
  a: FeatureMaps,
  b: FeatureMaps,
  patch: number,
  stride: number,
  { picture = 0, tie = 1e-12 } = {},
) {
  const [, channels, h1, w1] = a.shape;
  const [, , h2, w2] = b.shape;
  const other = b.shape[0] === 1 ? 0 : picture;
  const value = (map: FeatureMaps, n: number, c: number, y: number, x: number): number => {
    const [, , h, w] = map.shape;
    return map.values[((n * channels + c) * h + y) * w + x]!;
  };
  const reach = (patch - 1) / 2;
  const taps: [number, number][] = [];
  for (let dy = -reach; dy <= reach; dy += stride) {
    for (let dx = -reach; dx <= reach; dx += stride) taps.push([dy, dx]);
  }
  const score = (y1: number, x1: number, y2: number, x2: number): number => {
    let [product, norm1, norm2] = [0, 0, 0];
    for (const [dy, dx] of taps) {
      const inside = (y: number, x: number, h: number, w: number): boolean =>
        y + dy >= 0 && y + dy < h && x + dx >= 0 && x + dx < w;
      if (!inside(y1, x1, h1, w1) || !inside(y2, x2, h2, w2)) continue;
      for (let c = 0; c < channels; c += 1) {
        const [u, v] = [value(a, picture, c, y1 + dy, x1 + dx), value(b, other, c, y2 + dy, x2 + dx)];
        product += u * v;
        norm1 += u * u;
        norm2 += v * v;
      }
    }
    return product / (Math.sqrt(norm1) * Math.sqrt(norm2) + 1e-9);
  };
  const positions: { row: number; column: number; score: number }[] = [];
  for (let y1 = 0; y1 < h1; y1 += 1) {
    for (let x1 = 0; x1 < w1; x1 += 1) {
      let best = { row: -1, column: -1, score: -Infinity };
      for (let row = 0; row < h2; row += 1) {
        for (let column = 0; column < w2; column += 1) {
          const found = score(y1, x1, row, column);
          if (found > best.score + tie) best = { row, column, score: found };
        }
      }
      positions.push(best);
    }
  }
  return positions;
}
