import { createImage, type Image, type Part, type Size } from './image.js';

/** The index whose value a mirrored border has at a position outside 0..length-1, the edge itself not repeated. */
function mirrored(position: number, length: number): number {
  if (length === 1) return 0;
  const period = 2 * (length - 1);
  const inside = ((position % period) + period) % period;
  return inside < length ? inside : period - inside;
}

/** A plane of values with a mirrored margin of `margin` values on every side. */
export function mirrorPlane(
  plane: Float32Array,
  width: number,
  height: number,
  margin: number,
): Float32Array {
  const [wide, high] = [width + 2 * margin, height + 2 * margin];
  const columns = Array.from({ length: wide }, (_, x) => mirrored(x - margin, width));
  const out = new Float32Array(wide * high);
  for (let row = 0; row < high; row += 1) {
    const source = mirrored(row - margin, height) * width;
    for (let x = 0; x < wide; x += 1) out[row * wide + x] = plane[source + columns[x]!]!;
  }
  return out;
}

/** A picture with a mirrored margin of `margin` pixels on every side. Opaque: alpha is dropped. */
export function addMirroredMargin({ width, height, rgb }: Image, margin: number): Image {
  const [wide, high] = [width + 2 * margin, height + 2 * margin];
  const out = new Float32Array(3 * wide * high);
  for (let channel = 0; channel < 3; channel += 1) {
    const plane = rgb.subarray(channel * width * height, (channel + 1) * width * height);
    out.set(mirrorPlane(plane, width, height, margin), channel * wide * high);
  }
  return createImage(wide, high, out);
}

/** A picture without its outermost `margin` pixels on every side. Opaque: alpha is dropped. */
export function removeMargin(image: Image, margin: number): Image {
  const [width, height] = [image.width - 2 * margin, image.height - 2 * margin];
  return cutOut(image, { left: margin, top: margin, width, height });
}

/** A picture that goes on mirrored to the right and below until it has a size. Opaque: alpha is dropped. */
export function extendMirrored({ width, height, rgb }: Image, size: Size): Image {
  const out = new Float32Array(3 * size.width * size.height);
  const columns = Array.from({ length: size.width }, (_, x) => mirrored(x, width));
  for (let row = 0; row < 3 * size.height; row += 1) {
    const channel = Math.floor(row / size.height);
    const source = (channel * height + mirrored(row % size.height, height)) * width;
    for (let x = 0; x < size.width; x += 1) out[row * size.width + x] = rgb[source + columns[x]!]!;
  }
  return createImage(size.width, size.height, out);
}

/** A part of a picture that lies inside it. Opaque: alpha is dropped. */
export const cutOut = (image: Image, part: Part): Image =>
  createImage(part.width, part.height, cutOutPlanes(image.rgb, image, part));

/** The same part of any number of planes. @param values one plane after the other, each of `width * height` values */
export function cutOutPlanes(values: Float32Array, { width, height }: Size, part: Part): Float32Array {
  const planes = values.length / (width * height);
  const out = new Float32Array(planes * part.width * part.height);
  for (let row = 0; row < planes * part.height; row += 1) {
    const plane = Math.floor(row / part.height);
    const source = (plane * height + part.top + (row % part.height)) * width + part.left;
    out.set(values.subarray(source, source + part.width), row * part.width);
  }
  return out;
}
