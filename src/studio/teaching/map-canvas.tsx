import type { JSX } from 'preact';
import { useEffect, useRef } from 'preact/hooks';

/** Colours from nothing to the most, each brighter than the one before, so that they read in grey as well. */
const anchors = [
  [13, 8, 36],
  [84, 24, 110],
  [177, 47, 92],
  [237, 105, 37],
  [252, 255, 164],
] as const;

/** The colour of a value from 0 to 1. */
function colorOf(value: number): readonly number[] {
  const place = Math.min(1, Math.max(0, value)) * (anchors.length - 1);
  const before = Math.min(anchors.length - 2, Math.floor(place));
  return anchors[before]!.map((low, channel) => {
    const high = anchors[before + 1]![channel]!;
    return low + (high - low) * (place - before);
  });
}

/**
 * A matrix as a picture, each number a pixel. Colours go by the square root, since few numbers of a Gram matrix are large and all
 * others would be black.
 */
export function MapCanvas(map: {
  readonly values: Float32Array;
  readonly width: number;
  readonly height: number;
  /** The value of the brightest colour. */
  readonly most: number;
  readonly label: string;
}): JSX.Element {
  const { values, width, height, most, label } = map;
  const canvas = useRef<HTMLCanvasElement>(null);
  useEffect(() => {
    const data = new Uint8ClampedArray(4 * width * height);
    values.forEach((value, index) => {
      data.set(colorOf(most > 0 ? Math.sqrt(Math.max(0, value) / most) : 0), 4 * index);
      data[4 * index + 3] = 255;
    });
    Object.assign(canvas.current!, { width, height });
    canvas.current!.getContext('2d')!.putImageData(new ImageData(data, width, height), 0, 0);
  }, [values, width, height, most]);
  return <canvas ref={canvas} class="map" role="img" aria-label={label} />;
}

/** The largest of some numbers, 0 where there are none above it. */
export const largest = (values: Float32Array): number =>
  values.reduce((most, value) => Math.max(most, value), 0);
