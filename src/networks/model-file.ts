import type { z } from 'zod';
import { StyleError } from '../errors.js';
import {
  constant,
  encodeOnnx,
  readOnnxFile,
  sizeOf,
  type NamedTensors,
  type OnnxFile,
  type Shape,
  type Tensor,
} from '../graph/index.js';

/*
 * What all networks of ours have in common as ONNX files: a description of the network in the metadata, from which its parameters'
 * shapes follow, and the parameters as they are, by their names.
 */

/** The entry of the file's metadata that describes the network. */
const entry = 'pastiche';

/** The picture's shape that expressions for a file are built with: odd sides, see `OnnxOptions.freeSizes`. */
export const builtFor = [1, 3, 35, 37] as const;

/** A network as its file has it. */
export interface ModelFile<Description> {
  readonly description: Description;
  /** What the file says of where it comes from. */
  readonly metadata: Readonly<Record<string, string>>;
}

/** Parameters as constants of a graph. */
export const constantsOf = (
  shapes: Readonly<Record<string, Shape>>,
  parameters: Readonly<Record<string, Float32Array>>,
): Record<string, Tensor> =>
  Object.fromEntries(
    Object.entries(shapes).map(([name, shape]) => [name, constant(parameters[name]!, shape, name)]),
  );

/** A network as a file with free height and width. */
export const encodeModelFile = (
  outputs: NamedTensors,
  { description, metadata }: ModelFile<object>,
): Uint8Array<ArrayBuffer> =>
  encodeOnnx(outputs, { ...metadata, [entry]: JSON.stringify(description) }, 'cpu', {
    freeSizes: true,
    foldConstants: false,
  }).bytes;

/** Whether a file says that it is of a kind, in any version: `pastiche style model`. */
export const isOfKind = ({ metadata }: OnnxFile, kind: string): boolean =>
  metadata[entry]?.includes(kind) === true;

/**
 * A file of ours of a kind.
 * @param name the file's, for messages
 * @param is tells the kind
 * @param training what makes such files, for messages
 * @param option the option that names the file, where there is one
 * @throws StyleError `E_WEIGHTS_FORMAT` for what is no such file
 */
export function modelFileOf(
  bytes: Uint8Array,
  name: string,
  is: (file: OnnxFile) => boolean,
  training: string,
  option?: string,
): OnnxFile {
  const file = readOnnxFile(bytes);
  if (file !== undefined && is(file)) return file;
  throw new StyleError(
    'E_WEIGHTS_FORMAT',
    `"${name}" is not a network that ${training} has made.`,
    'Give a whole file that it wrote.',
    option === undefined ? {} : { option },
  );
}

/**
 * Reads the description of a network in a file that says it is one.
 * @param name the file's name, for messages
 * @throws StyleError `E_WEIGHTS_FORMAT` when it is of another version
 */
export function describedIn<Schema extends z.ZodType>(
  { metadata }: OnnxFile,
  schema: Schema,
  name: string,
): ModelFile<z.output<Schema>> {
  const { [entry]: told = '', ...others } = metadata;
  const parsed = schema.safeParse(JSON.parse(told));
  if (parsed.success) return { description: parsed.data, metadata: others };
  throw new StyleError(
    'E_WEIGHTS_FORMAT',
    `"${name}" is of a format that this version does not know.`,
    'Update Pastiche, or train the network again.',
  );
}

/** What parameters are that a file leaves out, as they change nothing, by the ends of their names. */
const neutral: Readonly<Record<string, number>> = { bias: 0, shift: 0, offsets: 0, scale: 1 };

/**
 * A file's parameters, by name.
 * @param name the file's, for messages
 * @param training what makes such files, for messages
 * @throws StyleError `E_WEIGHTS_CONTENT` for numbers that are missing, don't fit or are not finite
 */
export function parametersIn(
  { weights }: OnnxFile,
  shapes: Readonly<Record<string, Shape>>,
  name: string,
  training: string,
): Record<string, Float32Array> {
  const parameters: Record<string, Float32Array> = {};
  for (const [parameter, shape] of Object.entries(shapes)) {
    const found = weights[parameter];
    const unsaid = neutral[parameter.split('.').pop()!];
    if (found === undefined && unsaid !== undefined) {
      parameters[parameter] = new Float32Array(sizeOf(shape)).fill(unsaid);
      continue;
    }
    if (found?.values.length !== sizeOf(shape) || !found.values.every(Number.isFinite)) {
      throw new StyleError(
        'E_WEIGHTS_CONTENT',
        found === undefined
          ? `"${name}" lacks the weights "${parameter}".`
          : `The weights "${parameter}" of "${name}" don't fit the network, or are not all finite.`,
        `Use a whole file that ${training} wrote.`,
      );
    }
    parameters[parameter] = found.values;
  }
  return parameters;
}
