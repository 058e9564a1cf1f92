import { matchColors } from '../../images/color-matching.js';
import { createImage, type Image, type Size } from '../../images/image.js';
import { cutOut } from '../../images/margin.js';
import { clampUnit, resizeImage, withinLongSide } from '../../images/resize.js';
import type { Random } from '../../random.js';

/** What is seen of a painting, in pixels: few sizes, so that few graphs are compiled. */
const windows: readonly Size[] = [
  { width: 448, height: 336 },
  { width: 336, height: 448 },
  { width: 384, height: 384 },
  { width: 320, height: 240 },
  { width: 240, height: 320 },
  { width: 256, height: 256 },
];
/** The size that {@link windows} are for, and that of a variant's strokes against those of the whole. */
const windowSide = 512;
const sizes = [0.75, 1.25] as const;
/** The least sides that statistics are taken of. */
const leastSide = 96;
/** The longer side of a painting whose colours another one gets. */
const paletteSide = 128;
/** How often a variant is turned by a right angle; and has its channels exchanged, other colours of its own or another painting's. */
const turnedShare = 0.3;
const colorShares = { exchanged: 0.15, recoloured: 0.2, matched: 0.4 } as const;

/**
 * A painting as another painting of the same hand: a part of it, mirrored and turned, in another size, and often in other colours
 * (Ghiasi et al. 2017, section 4: brightness, saturation, hue, flips and sizes; the exchange of channels and another painting's
 * colours are ours: strokes and palettes are learnt apart from each other, and plates without colours are of use).
 * @param longSide the longer side that the whole is looked at with
 * @param palette reads the painting whose colours it may get
 */
export async function paintingVariant(
  painting: Image,
  longSide: number,
  random: Random,
  palette: () => Promise<Image>,
): Promise<Image> {
  const part = seenPart(painting, longSide, random);
  const turned = random.uniform() < turnedShare ? transposed(part) : part;
  const { exchanged, recoloured, matched } = colorShares;
  const drawn = random.uniform();
  if (drawn < exchanged) return withExchangedChannels(turned, random);
  if (drawn < exchanged + recoloured) return withOtherTone(turned, random);
  if (drawn < exchanged + recoloured + matched) {
    // Histograms of the channels give colours to a grey plate too.
    const mode = random.uniform() < 0.5 ? 'affine' : 'histogram';
    return matchColors(turned, wholePainting(await palette(), paletteSide), { mode });
  }
  return turned;
}

/** A painting as it is, at the size that it is looked at. */
export function wholePainting(painting: Image, longSide: number): Image {
  const { width, height } = withinLongSide(painting, longSide);
  return resizedTo(painting, width, height);
}

const resizedTo = (picture: Image, width: number, height: number): Image =>
  resizeImage(
    picture,
    ...([width, height].map((side) => Math.max(leastSide, Math.round(side))) as [number, number]),
  );

/** A part in one of the window's sizes. Its strokes are larger than drawn where a painting is too narrow for the window. */
function seenPart(painting: Image, longSide: number, random: Random): Image {
  const one = windows[Math.floor(random.uniform() * windows.length)]!;
  const [width, height] = [one.width, one.height].map((side) =>
    Math.max(leastSide, Math.round((side * longSide) / windowSide)),
  ) as [number, number];
  const seen = Math.min(1, longSide / Math.max(painting.width, painting.height));
  const drawn = seen * (sizes[0] + (sizes[1] - sizes[0]) * random.uniform());
  const scale = Math.max(drawn, width / painting.width, height / painting.height);
  const sides = {
    width: Math.min(painting.width, Math.ceil(width / scale)),
    height: Math.min(painting.height, Math.ceil(height / scale)),
  };
  const left = Math.floor(random.uniform() * (painting.width - sides.width + 1));
  const top = Math.floor(random.uniform() * (painting.height - sides.height + 1));
  return resizeImage(cutOut(painting, { left, top, ...sides }), width, height);
}

/** Rows become columns: a turn and a mirror image. */
function transposed({ width, height, rgb }: Image): Image {
  const values = new Float32Array(rgb.length);
  for (let channel = 0; channel < 3; channel += 1) {
    const from = channel * width * height;
    for (let y = 0; y < height; y += 1)
      for (let x = 0; x < width; x += 1) values[from + x * height + y] = rgb[from + y * width + x]!;
  }
  return createImage(height, width, values);
}

/** The planes of the channels in another order. */
function withExchangedChannels({ width, height, rgb }: Image, random: Random): Image {
  const plane = width * height;
  const orders = [
    [0, 2, 1],
    [1, 0, 2],
    [1, 2, 0],
    [2, 0, 1],
    [2, 1, 0],
  ] as const;
  const order = orders[Math.floor(random.uniform() * orders.length)]!;
  const values = new Float32Array(rgb.length);
  order.forEach((from, to) => values.set(rgb.subarray(from * plane, (from + 1) * plane), to * plane));
  return createImage(width, height, values);
}

/** Other brightness, contrast, saturation and balance of colours. */
function withOtherTone({ width, height, rgb }: Image, random: Random): Image {
  const plane = width * height;
  const saturation = 0.3 + 1.2 * random.uniform();
  const gamma = Math.exp(0.3 * random.normal());
  const gains = [0, 1, 2].map(() => Math.exp(0.15 * random.normal()));
  const values = new Float32Array(rgb.length);
  for (let i = 0; i < plane; i += 1) {
    const [red, green, blue] = [rgb[i]!, rgb[plane + i]!, rgb[2 * plane + i]!];
    const luma = 0.299 * red + 0.587 * green + 0.114 * blue;
    [red, green, blue].forEach((value, channel) => {
      const mixed = Math.max(0, luma + saturation * (value - luma));
      values[channel * plane + i] = gains[channel]! * mixed ** gamma;
    });
  }
  return createImage(width, height, clampUnit(values));
}
