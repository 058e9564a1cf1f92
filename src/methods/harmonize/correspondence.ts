import type { Size } from '../../images/image.js';
import type { LayerMap } from '../../losses/patches.js';

/**
 * Makes the matches of a map agree with their neighbours' (Luan, Paris, Shechtman and Bala 2018, algorithm 2): each neighbour
 * votes for the place that its own match, shifted back, has for this position, and of these places the one is taken whose
 * features are nearest to those of all votes together, the position's own match among them. Matches then come in
 * connected pieces of the painting.
 *
 * Of equal ones the first counts, the own match before the neighbours'. A position outside of `positions` has no vote.
 * @param style the painting's map; its grid is the composite's as well
 * @param matches for every position of the grid, the number of its match
 * @param positions those that are to agree
 * @param reach how many positions away a neighbour may be
 * @returns the matches, changed at the positions
 */
export function consistentMatches(
  style: LayerMap,
  matches: Int32Array,
  positions: Uint32Array,
  reach: number,
): Int32Array {
  const { height, width } = style;
  const voters = new Uint8Array(height * width);
  for (const position of positions) voters[position] = 1;
  const result = Int32Array.from(matches);
  for (const position of positions) {
    const [row, column] = [Math.floor(position / width), position % width];
    const votes = new Map([[matches[position]!, 1]]);
    for (let dy = -reach; dy <= reach; dy += 1) {
      for (let dx = -reach; dx <= reach; dx += 1) {
        const [y, x] = [row + dy, column + dx];
        const isItself = dy === 0 && dx === 0;
        if (isItself || y < 0 || y >= height || x < 0 || x >= width || voters[y * width + x] === 0) continue;
        const match = matches[y * width + x]!;
        const [v, u] = [Math.floor(match / width) - dy, (match % width) - dx];
        if (v < 0 || v >= height || u < 0 || u >= width) continue;
        votes.set(v * width + u, (votes.get(v * width + u) ?? 0) + 1);
      }
    }
    result[position] = nearestToAll(style, votes);
  }
  return result;
}

/** Of some places of a map the one with the least sum of squared distances to all, each as often as it was voted for. */
function nearestToAll(style: LayerMap, votes: ReadonlyMap<number, number>): number {
  const plane = style.height * style.width;
  let best = { place: -1, distance: Infinity };
  for (const place of votes.keys()) {
    let distance = 0;
    for (const [other, count] of votes) {
      if (other === place) continue;
      for (let at = 0; at < style.values.length; at += plane) {
        distance += count * (style.values[at + place]! - style.values[at + other]!) ** 2;
      }
    }
    if (distance < best.distance) best = { place, distance };
  }
  return best.place;
}

/**
 * Hands the matches of a reference layer to another layer: each position follows the match of the reference's position that
 * it lies in, keeping its place within.
 * @param matches for every position of the reference's grid, the number of its match in the same grid
 * @param ratio the layer's positions along a side for each of the reference's, a power of two, above or below 1
 * @param positions of the layer
 * @returns for each of the positions the number of its match in the layer's grid
 */
export function propagateMatches(
  matches: Int32Array,
  reference: Size,
  layer: Size,
  ratio: number,
  positions: Uint32Array,
): Int32Array {
  const within = (value: number, length: number): number => Math.min(Math.max(value, 0), length - 1);
  const finer = ratio >= 1;
  const follow = (place: number, from: number, to: number, length: number): number =>
    within(finer ? place + (to - from) * ratio : Math.floor(to * ratio), length);
  const cell = (place: number, length: number): number =>
    within(Math.floor(finer ? place / ratio : (place + 0.5) / ratio), length);
  return Int32Array.from(positions, (position) => {
    const [row, column] = [Math.floor(position / layer.width), position % layer.width];
    const [y, x] = [cell(row, reference.height), cell(column, reference.width)];
    const match = matches[y * reference.width + x]!;
    const v = follow(row, y, Math.floor(match / reference.width), layer.height);
    const u = follow(column, x, match % reference.width, layer.width);
    return v * layer.width + u;
  });
}

/** The features at some places of a map, one after the other: `[C, places]`. */
export function gatherPlaces(map: LayerMap, places: ArrayLike<number>): Float32Array {
  const plane = map.height * map.width;
  const result = new Float32Array(map.channels * places.length);
  for (let channel = 0; channel < map.channels; channel += 1) {
    for (let i = 0; i < places.length; i += 1) {
      result[channel * places.length + i] = map.values[channel * plane + places[i]!]!;
    }
  }
  return result;
}
