import { createImage, type Image, type Size } from '../images/image.js';
import { cutOut, extendMirrored } from '../images/margin.js';
import { clampUnit } from '../images/resize.js';

/** The least sides that a network can reflect its borders at. */
const smallestSide = 32;

/** ONNX Runtime's copies for its own layouts and for borders, beside what the estimate of memory has; measured. */
export const activationsFactor = 1.7;

/** The size at which a network of ours sees a picture as a whole: its own, but no side too small. */
export const seenSize = ({ width, height }: Size): Size => ({
  width: Math.max(width, smallestSide),
  height: Math.max(height, smallestSide),
});

/**
 * Paints a picture as a whole; one that is too small is extended by its mirror image.
 * @param paint the network at {@link seenSize}: three planes to three planes around [0, 1]
 * @returns the paint at the picture's size, opaque
 */
export async function paintedAsWhole(
  photograph: Image,
  paint: (rgb: Float32Array, size: Size) => Promise<Float32Array>,
): Promise<Image> {
  const { width, height } = photograph;
  const size = seenSize(photograph);
  const isSmall = size.width > width || size.height > height;
  const { rgb } = isSmall ? extendMirrored(photograph, size) : photograph;
  const painted = createImage(size.width, size.height, clampUnit(await paint(rgb, size)));
  return isSmall ? cutOut(painted, { left: 0, top: 0, width, height }) : painted;
}
