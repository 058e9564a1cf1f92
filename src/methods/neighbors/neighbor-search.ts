import { NearestPositions, type PositionVectors } from '../../patch-match/nearest-positions.js';
import type { Runtime } from '../../runtime/runtime.js';
import type { RegionGuides } from '../../losses/region-guides.js';
import { hypercolumnBlock } from './hypercolumns.js';

/** Features of several layers at the same positions: by layer, `[C, positions]`. */
export type Hypercolumns = Readonly<Record<string, PositionVectors>>;

/** A painting's features of all layers, and its regions if there are any. */
export interface PaintingFeatures {
  readonly features: Hypercolumns;
  readonly guides?: RegionGuides | undefined;
}

/** What a layer's features are compared as: `(value - mean) * scale`, with a mean for each channel. */
export interface Standard {
  readonly mean: Float32Array;
  readonly scale: number;
}

/** More positions of the paintings than these are thinned out evenly: the time of a search grows with their number. */
const mostCandidates = 4096;

/** A variance that counts as none. */
const smallest = 1e-12;

/**
 * Finds the paintings' features that are nearest to a picture's, by the cosine between features less their mean, layer
 * by layer standardised to the same length in the mean, so that each layer has the same say. Both sides are centred by
 * their own means (Kolkin et al. 2022, section 3.2): a dark photograph finds the dark parts of a light painting.
 */
export class NeighborSearch {
  readonly standards: Readonly<Record<string, Standard>>;
  private readonly nearest: NearestPositions;
  private readonly candidates: Hypercolumns;
  private readonly regions: Candidates | undefined;

  constructor(runtime: Runtime, paintings: readonly PaintingFeatures[]) {
    this.nearest = new NearestPositions(runtime);
    const layers = Object.keys(paintings[0]!.features);
    const count = paintings.reduce((sum, { features }) => sum + features[layers[0]!]!.count, 0);
    const step = Math.max(1, count / mostCandidates);
    const kept = Int32Array.from({ length: Math.floor(count / step) }, (_, i) => Math.floor(i * step));
    const joined = Object.fromEntries(
      layers.map((layer) => [layer, join(paintings.map(({ features }) => features[layer]!))]),
    );
    this.standards = Object.fromEntries(layers.map((layer) => [layer, standardOf(joined[layer]!)]));
    this.candidates = Object.fromEntries(
      layers.map((layer) => [layer, standardised(gathered(joined[layer]!, kept), this.standards[layer]!)]),
    );
    if (paintings.some(({ guides }) => guides !== undefined)) {
      this.regions = candidateRegions(
        paintings.map(({ features, guides }) => ({ count: features[layers[0]!]!.count, guides: guides! })),
        kept,
      );
    }
  }

  /**
   * The standardised features of each position's nearest neighbour; over all the layers they have unit length.
   * @param layers those that look for a neighbour together
   * @param guides the regions of the picture: neighbours are looked for in the same one
   */
  async find(
    picture: Hypercolumns,
    layers: readonly string[],
    guides: RegionGuides | undefined,
    signal?: AbortSignal,
  ): Promise<Hypercolumns> {
    const candidates = unitVectors(stack(layers.map((layer) => this.candidates[layer]!)));
    const queries = stack(
      layers.map((layer) => centred(standardised(picture[layer]!, this.standards[layer]!))),
    );
    const matches =
      guides === undefined || this.regions === undefined
        ? await this.nearest.find(queries, candidates, signal)
        : await this.findInRegions(queries, candidates, guides, this.regions, signal);
    const found = gathered(candidates, matches);
    let from = 0;
    return Object.fromEntries(
      layers.map((layer) => {
        const { channels } = picture[layer]!;
        const values = found.values.subarray(from * found.count, (from + channels) * found.count);
        from += channels;
        return [layer, { channels, count: found.count, values }];
      }),
    );
  }

  /** Frees the graphs. */
  dispose(): Promise<void> {
    return this.nearest.dispose();
  }

  private async findInRegions(
    queries: PositionVectors,
    candidates: PositionVectors,
    guides: RegionGuides,
    regions: Candidates,
    signal: AbortSignal | undefined,
  ): Promise<Int32Array> {
    const matches = new Int32Array(queries.count).fill(-1);
    const find = async (positions: Int32Array, among: Int32Array | undefined): Promise<void> => {
      if (positions.length === 0) return;
      const some = among === undefined ? candidates : gathered(candidates, among);
      const found = await this.nearest.find(gathered(queries, positions), some, signal);
      positions.forEach((position, i) => (matches[position] = among?.[found[i]!] ?? found[i]!));
    };
    for (const region of guides.regions) {
      const among = regions.get(region);
      // At a coarse scale a small region may cover no position: there its neighbours are anywhere.
      if (among === undefined || among.length === 0) continue;
      await find(Int32Array.from(guides.positions(region, hypercolumnBlock)), among);
    }
    const rest = Array.from(matches.keys()).filter((position) => matches[position]! < 0);
    await find(Int32Array.from(rest), undefined);
    return matches;
  }
}

/** By region, the numbers of the candidates that are in it. */
type Candidates = ReadonlyMap<number, Int32Array>;

function candidateRegions(
  paintings: readonly { readonly count: number; readonly guides: RegionGuides }[],
  kept: Int32Array,
): Candidates {
  const places = new Map<number, number>();
  kept.forEach((position, i) => places.set(position, i));
  const found = new Map<number, number[]>();
  let before = 0;
  for (const { count, guides } of paintings) {
    for (const region of guides.regions) {
      const among = found.get(region) ?? [];
      found.set(region, among);
      for (const position of guides.positions(region, hypercolumnBlock)) {
        const place = places.get(before + position);
        if (place !== undefined) among.push(place);
      }
    }
    before += count;
  }
  return new Map([...found].map(([region, among]) => [region, Int32Array.from(among)]));
}

/** Calls back for each channel's values. */
function forEachChannel(
  { channels, count, values }: PositionVectors,
  visit: (row: Float32Array, channel: number) => void,
): void {
  for (let channel = 0; channel < channels; channel += 1) {
    visit(values.subarray(channel * count, (channel + 1) * count), channel);
  }
}

const meanOf = (row: Float32Array): number => row.reduce((sum, value) => sum + value, 0) / row.length;

/** Mean zero for each channel, and for the layer a mean squared length of one. */
function standardOf(vectors: PositionVectors): Standard {
  const mean = new Float32Array(vectors.channels);
  let energy = 0;
  forEachChannel(vectors, (row, channel) => {
    const average = meanOf(row);
    mean[channel] = average;
    energy += row.reduce((sum, value) => sum + (value - average) ** 2, 0) / row.length;
  });
  return { mean, scale: 1 / Math.sqrt(energy + smallest) };
}

function standardised(vectors: PositionVectors, { mean, scale }: Standard): PositionVectors {
  const values = new Float32Array(vectors.values.length);
  forEachChannel(vectors, (row, channel) => {
    const centre = mean[channel]!;
    for (let i = 0; i < row.length; i += 1) {
      values[channel * vectors.count + i] = (row[i]! - centre) * scale;
    }
  });
  return { ...vectors, values };
}

function centred(vectors: PositionVectors): PositionVectors {
  const mean = new Float32Array(vectors.channels);
  forEachChannel(vectors, (row, channel) => (mean[channel] = meanOf(row)));
  return standardised(vectors, { mean, scale: 1 });
}

/** The vectors of several layers as one. */
function stack(layers: readonly PositionVectors[]): PositionVectors {
  const channels = layers.reduce((sum, layer) => sum + layer.channels, 0);
  const { count } = layers[0]!;
  const values = new Float32Array(channels * count);
  let from = 0;
  for (const layer of layers) {
    values.set(layer.values, from);
    from += layer.values.length;
  }
  return { channels, count, values };
}

/** The positions of several pictures, one picture after the other. */
function join(pictures: readonly PositionVectors[]): PositionVectors {
  if (pictures.length === 1) return pictures[0]!;
  const { channels } = pictures[0]!;
  const count = pictures.reduce((sum, picture) => sum + picture.count, 0);
  const values = new Float32Array(channels * count);
  let from = 0;
  for (const picture of pictures) {
    forEachChannel(picture, (row, channel) => values.set(row, channel * count + from));
    from += picture.count;
  }
  return { channels, count, values };
}

function unitVectors({ channels, count, values }: PositionVectors): PositionVectors {
  const squares = new Float64Array(count);
  for (let i = 0; i < values.length; i += 1) squares[i % count]! += values[i]! ** 2;
  const factors = squares.map((square) => 1 / Math.sqrt(square + smallest));
  return { channels, count, values: values.map((value, i) => value * factors[i % count]!) };
}

/** The vectors of some positions. */
function gathered({ channels, count, values }: PositionVectors, positions: Int32Array): PositionVectors {
  const out = new Float32Array(channels * positions.length);
  for (let channel = 0; channel < channels; channel += 1) {
    for (let i = 0; i < positions.length; i += 1) {
      out[channel * positions.length + i] = values[channel * count + positions[i]!]!;
    }
  }
  return { channels, count: positions.length, values: out };
}
