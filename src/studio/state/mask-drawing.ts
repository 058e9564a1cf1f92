/** A line of a brush, in pixels of the mask. */
export interface Stroke {
  readonly color: string;
  /** Diameter of the brush. */
  readonly size: number;
  readonly points: readonly (readonly [x: number, y: number])[];
}

/** Long side of a mask that is painted: it is enlarged where it is used, and edges of regions are never finer than a brush. */
export const maskSide = 512;

/** What masks may be painted with, by what their colours are. The first one is what a mask is before anything is painted. */
export const maskColors = {
  area: ['#000000', '#ffffff'],
  regions: ['#000000', '#ffffff', '#ff0000', '#00ff00', '#0000ff', '#ffff00'],
} as const;

/** Paints a mask anew from its strokes. */
export function drawStrokes(
  context: CanvasRenderingContext2D | OffscreenCanvasRenderingContext2D,
  ground: string,
  strokes: readonly Stroke[],
): void {
  const { width, height } = context.canvas;
  context.fillStyle = ground;
  context.fillRect(0, 0, width, height);
  for (const { color, size, points } of strokes) {
    Object.assign(context, { strokeStyle: color, lineWidth: size, lineCap: 'round', lineJoin: 'round' });
    context.beginPath();
    points.forEach(([x, y], index) => (index === 0 ? context.moveTo(x, y) : context.lineTo(x, y)));
    // A line of no length is not drawn.
    if (points.length === 1) context.lineTo(points[0]![0] + 0.01, points[0]![1]);
    context.stroke();
  }
}

/** Makes every pixel the nearest of some colours: a canvas smooths the edges of what is drawn, and a mask has flat colours. */
export function snapColors(data: Uint8ClampedArray, colors: readonly string[]): void {
  const flat = colors.map((color) => [1, 3, 5].map((at) => parseInt(color.slice(at, at + 2), 16)));
  for (let i = 0; i < data.length; i += 4) {
    const distances = flat.map((one) => one.reduce((sum, value, c) => sum + (value - data[i + c]!) ** 2, 0));
    data.set(flat[distances.indexOf(Math.min(...distances))]!, i);
    data[i + 3] = 255;
  }
}

/** A mask as a file, in its colours alone. */
export async function maskBlob(
  size: { readonly width: number; readonly height: number },
  colors: readonly string[],
  strokes: readonly Stroke[],
): Promise<Blob> {
  const canvas = new OffscreenCanvas(size.width, size.height);
  const context = canvas.getContext('2d', { willReadFrequently: true })!;
  drawStrokes(context, colors[0]!, strokes);
  const pixels = context.getImageData(0, 0, size.width, size.height);
  snapColors(pixels.data, colors);
  context.putImageData(pixels, 0, 0);
  return canvas.convertToBlob({ type: 'image/png' });
}
