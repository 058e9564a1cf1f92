import {
  tensorsOf,
  type ModelMessage,
  type OnnxFile,
  type TensorMessage,
  type ValueMessage,
} from './onnx-file.js';
import { decodeModel, elementTypes, encodeModel } from './onnx-schema.js';
import type { OnnxModel } from './onnx.js';
import type { Shape } from './shape.js';

/** Height and width of a picture. */
export interface PictureSides {
  readonly height: number;
  readonly width: number;
}

/** A picture that goes into a graph or comes out. */
export interface PictureAxes {
  readonly name: string;
  readonly channelsLast: boolean;
}

/** Maps of a network for pictures may have this many times the picture's sides. */
const mapScales = [4, 2, 1, 1 / 2, 1 / 4, 1 / 8, 1 / 16, 1 / 32] as const;
/** Shorter sides of a map pass for other numbers: channels, or axes of length 1. */
const shortestSide = 4;

/** The inputs of operators that hold a shape, by their index. */
const shapeInputs: Readonly<Record<string, number>> = { Reshape: 1, Resize: 3 };

/**
 * A model from a file at one size of picture. Its input gets the size, and what was noted of other sizes is left out. Shapes that the
 * file holds as numbers, where an exporter has counted with a fixed size, are scaled with it.
 * @param from the size that the file is for; undefined where it is open, and so no shape in it depends on a size
 * @param to the size to run at
 * @returns the model and whether shapes in it were scaled; undefined where a shape can't be: at half the picture's sides those
 * must be even
 * @example
 * ```ts no-run
 * import { readFile } from 'node:fs/promises';
 * import { graph } from 'pastiche/engine';
 *
 * const bytes = await readFile('theirs.onnx');
 * const [input, output] = [{ name: 'input1', channelsLast: false }, { name: 'output1', channelsLast: false }];
 * const [from, to] = [{ height: 224, width: 224 }, { height: 600, width: 800 }];
 * const sized = graph.fixPictureSize(bytes, graph.readOnnxFile(bytes)!, { input, output }, from, to);
 * ```
 */
export function fixPictureSize(
  bytes: Uint8Array,
  file: OnnxFile,
  { input, output }: { readonly input: PictureAxes; readonly output: PictureAxes },
  from: PictureSides | undefined,
  to: PictureSides,
): { readonly model: OnnxModel; readonly isScaled: boolean } | undefined {
  const shapes = from === undefined ? {} : scaledShapes(file, from, to);
  if (Object.values(shapes).some((shape) => !shape.every(Number.isInteger))) return undefined;
  const message = decodeModel(bytes) as ModelMessage;
  const graph = message.graph!;
  for (const value of graph.input ?? []) if (value.name === input.name) setShape(value, shapeOf(input, to));
  for (const value of graph.output ?? []) setShape(value, undefined);
  graph.valueInfo = [];
  for (const [name, tensor] of tensorsOf(graph)) if (name in shapes) setIntegers(tensor, shapes[name]!);
  const types = (axes: PictureAxes): OnnxModel['inputs'] => ({
    [axes.name]: { shape: shapeOf(axes, to), dtype: 'float32' },
  });
  const model = { bytes: encodeModel(message), inputs: types(input), outputs: types(output) };
  return { model, isScaled: Object.keys(shapes).length > 0 };
}

const shapeOf = ({ channelsLast }: PictureAxes, { height, width }: PictureSides): Shape =>
  channelsLast ? [1, height, width, 3] : [1, 3, height, width];

function setShape({ type }: ValueMessage, shape: Shape | undefined): void {
  const tensor = type?.tensorType;
  if (tensor == null) return;
  if (shape === undefined) delete tensor.shape;
  else tensor.shape = { dim: shape.map((dimValue) => ({ dimValue })) };
}

function setIntegers(tensor: TensorMessage, values: readonly number[]): void {
  tensor.dataType = elementTypes.int64;
  tensor.rawData = new Uint8Array(BigInt64Array.from(values, BigInt).buffer);
  tensor.int64Data = [];
}

/** The shapes that are constants of a graph and hold sides of maps, at another size of the picture. */
function scaledShapes(file: OnnxFile, from: PictureSides, to: PictureSides): Record<string, number[]> {
  const names = file.nodes.flatMap(({ type, inputs }) => inputs[shapeInputs[type] ?? -1] ?? []);
  const scaled = [...new Set(names)].flatMap((name) => {
    const shape = file.integers[name];
    const changed = shape && scaledShape(shape, from, to);
    return changed === undefined ? [] : [[name, changed] as const];
  });
  return Object.fromEntries(scaled);
}

/** A shape in which height and width stand side by side, or multiplied, or that has all rows of all maps one below the other. */
function scaledShape(shape: readonly number[], from: PictureSides, to: PictureSides): number[] | undefined {
  const last = shape.length - 1;
  if (last === 1) {
    const scale = mapScales.find((one) => shape[1] === one * from.width && shape[1] >= shortestSide);
    const length = scale === undefined ? shape[1]! : scale * to.width;
    // As many rows as there are values.
    return length === -1 || (shape[0] === -1 && length === shape[1]) ? undefined : [-1, length];
  }
  for (const scale of mapScales) {
    const [height, width] = [scale * from.height, scale * from.width];
    if (Math.min(height, width) < shortestSide) continue;
    const replaced = (index: number, ...lengths: number[]): number[] =>
      shape.map((length, i) => lengths[i - index] ?? length);
    for (const index of [last - 1, last - 2]) {
      if (index > 0 && shape[index] === height && shape[index + 1] === width)
        return replaced(index, scale * to.height, scale * to.width);
    }
    if (last > 1 && shape[last] === height * width)
      return replaced(last, scale * to.height * (scale * to.width));
  }
  return undefined;
}
