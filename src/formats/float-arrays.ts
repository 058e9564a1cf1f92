import type { SafetensorsFile, TensorToEncode } from './safetensors.js';

type FloatArray = Float32Array | Float64Array;

/**
 * Arrays as tensors of one axis, in their own precision.
 * @param prefix what stands before their names in the file
 */
export const arrayTensors = (
  arrays: Readonly<Record<string, FloatArray>>,
  prefix = '',
): Record<string, TensorToEncode> =>
  Object.fromEntries(
    Object.entries(arrays).map(([name, data]) => [
      prefix + name,
      { dtype: data instanceof Float64Array ? 'F64' : 'F32', shape: [data.length], data },
    ]),
  );

/** The arrays of a file whose names begin with a prefix, by their names without it. They may be views on its bytes: don't write them. */
export const arraysOf = ({ tensors }: SafetensorsFile, prefix: string): Record<string, FloatArray> =>
  Object.fromEntries(
    [...tensors.values()]
      .filter(({ name }) => name.startsWith(prefix))
      .map((tensor) => [
        tensor.name.slice(prefix.length),
        tensor.dtype === 'F64' ? tensor.float64() : tensor.float32(),
      ]),
  );
