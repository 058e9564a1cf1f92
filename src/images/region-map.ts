import { StyleError } from '../errors.js';
import type { Image, Size } from './image.js';
import { mirrorPlane } from './margin.js';
import { resizePlanes } from './resize.js';

/** A colour in 8 bits per channel, as `0xrrggbb`. */
export type RegionColor = number;

/** Regions of a picture by number. */
export interface RegionMap extends Size {
  /** By region, the share of each pixel that is in it, from 0 to 1. */
  readonly planes: ReadonlyMap<number, Float32Array>;
}

/** A parsed mask: the colours of its regions, and for every pixel the index of its region's colour. */
export interface RegionMask extends Size {
  readonly colors: readonly RegionColor[];
  readonly labels: Uint8Array;
}

/** Colours that differ by no more than this in any channel are one: lossy formats change colours a little. */
const sameColor = 12;
/** A mask with more colours was not drawn by hand. */
const mostRegions = 64;

const names: Readonly<Record<string, RegionColor>> = {
  black: 0x000000,
  white: 0xffffff,
  grey: 0x808080,
  gray: 0x808080,
  red: 0xff0000,
  green: 0x00ff00,
  blue: 0x0000ff,
  yellow: 0xffff00,
  cyan: 0x00ffff,
  magenta: 0xff00ff,
};

/** Parses a colour, `white` or `#ff8000`; undefined for any other text. */
export function parseRegionColor(text: string): RegionColor | undefined {
  const lower = text.trim().toLowerCase();
  if (Object.hasOwn(names, lower)) return names[lower];
  const digits = /^#?([0-9a-f]{6})$/.exec(lower)?.[1];
  return digits === undefined ? undefined : parseInt(digits, 16);
}

/** `white`, or `#ff8000`. */
export function formatRegionColor(color: RegionColor): string {
  const name = Object.keys(names).find((key) => names[key] === color);
  return name ?? `#${color.toString(16).padStart(6, '0')}`;
}

/** The distance of two colours: the largest difference of a channel, 0 to 255. */
export function colorDistance(a: RegionColor, b: RegionColor): number {
  const channel = (color: number, shift: number): number => (color >> shift) & 255;
  return Math.max(...[16, 8, 0].map((shift) => Math.abs(channel(a, shift) - channel(b, shift))));
}

/** The nearest of some colours within the tolerance of lossy formats, by index; -1 when there is none. */
export function findRegion(colors: readonly RegionColor[], color: RegionColor): number {
  const nearest = nearestColor(colors, color);
  return nearest >= 0 && colorDistance(colors[nearest]!, color) <= sameColor ? nearest : -1;
}

/**
 * Reads a mask: each of its flat colours is a region. Transparent pixels are black. A colour that nowhere fills a square of
 * 3 x 3 pixels is an anti-aliased edge, and its pixels belong to the nearest other colour.
 * @param what the mask's name in messages: `The content mask`
 * @throws StyleError `E_ARGUMENT` for a mask without any flat colour, or with too many colours
 */
export function readRegionMask(mask: Image, what: string): RegionMask {
  const { width, height } = mask;
  const pixels = colorsOf(mask);
  const { centres, labelOf } = cluster(pixels);
  const first = pixels.map((color) => labelOf.get(color)!);
  const solid = solidLabels(first, width, height);
  const kept = centres.filter((_, label) => solid.has(label));
  if (kept.length === 0 || kept.length > mostRegions) {
    throw new StyleError(
      'E_ARGUMENT',
      `${what} has ${kept.length === 0 ? 'no' : kept.length} areas of one colour.`,
      `Draw it in flat colours or greys, one for each region and ${mostRegions} at most.`,
    );
  }
  // Sorted by colour, so that the regions' order doesn't depend on their sizes.
  const colors = [...kept].sort((a, b) => a - b);
  const final = centres.map((centre) => nearestColor(colors, centre));
  return { width, height, colors, labels: Uint8Array.from(first, (label) => final[label]!) };
}

/** A map resized, with a margin that is mirrored as the picture's is. */
export function regionMapAt(map: RegionMap, width: number, height: number, margin: number): RegionMap {
  const planes = [...map.planes].map(([region, plane]) => {
    const resized = resizePlanes(plane, 1, map, { width, height }, 'bilinear');
    return [region, mirrorPlane(resized, width, height, margin)] as const;
  });
  return { width: width + 2 * margin, height: height + 2 * margin, planes: new Map(planes) };
}

function colorsOf({ rgb, alpha }: Image): Uint32Array {
  const pixels = rgb.length / 3;
  return Uint32Array.from({ length: pixels }, (_, i) => {
    const opacity = alpha?.[i] ?? 1;
    const byte = (channel: number): number => Math.round(255 * opacity * rgb[channel * pixels + i]!);
    return byte(0) * 65536 + byte(1) * 256 + byte(2);
  });
}

/** Groups colours around the most frequent ones. */
function cluster(pixels: Uint32Array): { centres: RegionColor[]; labelOf: Map<RegionColor, number> } {
  const counts = new Map<RegionColor, number>();
  for (const color of pixels) counts.set(color, (counts.get(color) ?? 0) + 1);
  const centres: RegionColor[] = [];
  const labelOf = new Map<RegionColor, number>();
  for (const [color] of [...counts].sort((a, b) => b[1] - a[1])) {
    const found = findRegion(centres, color);
    labelOf.set(color, found < 0 ? centres.push(color) - 1 : found);
  }
  return { centres, labelOf };
}

function nearestColor(colors: readonly RegionColor[], color: RegionColor): number {
  const distances = colors.map((candidate) => colorDistance(candidate, color));
  return distances.indexOf(Math.min(...distances));
}

/** Labels that fill a square of 3 x 3 pixels somewhere, which may reach over the border. */
function solidLabels(labels: Uint32Array, width: number, height: number): Set<number> {
  const solid = new Set<number>();
  for (let y = 0; y < height; y += 1) {
    for (let x = 0; x < width; x += 1) {
      const label = labels[y * width + x]!;
      if (!solid.has(label) && isSolid(labels, width, height, x, y)) solid.add(label);
    }
  }
  return solid;
}

function isSolid(labels: Uint32Array, width: number, height: number, x: number, y: number): boolean {
  const label = labels[y * width + x]!;
  for (let row = Math.max(y - 1, 0); row <= Math.min(y + 1, height - 1); row += 1) {
    for (let column = Math.max(x - 1, 0); column <= Math.min(x + 1, width - 1); column += 1) {
      if (labels[row * width + column] !== label) return false;
    }
  }
  return true;
}
