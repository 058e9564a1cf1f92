import { convolution, encodeOnnx, input, type OnnxModel, type Target } from '../graph/index.js';
import { createSession, Tensor } from './onnxruntime.node.js';

/** Block sizes of ONNX Runtime's kernels for AVX-512 and ARM, and for other x86 processors. */
const candidates = [16, 8];

/**
 * Denormal numbers, as in gradients of dark pictures, are thirty times slower on Intel's processors. ONNX Runtime applies
 * this setting to its own threads; to a thread that calls it, only with the first session of the process, in the thread that
 * creates it. New threads inherit it: so the first session is created here, and workers are started after it.
 */
export const flushDenormals = { 'session.set_denormal_as_zero': '1' };

let target: Promise<Target> | undefined;

/**
 * The target for this machine's processor: with blocked convolutions of the block size of ONNX Runtime's kernels here. There
 * is no way to query it, so each size is tried, once per process. `cpu` where none gives a plain convolution's values.
 */
export function processorTarget(): Promise<Target> {
  return (target ??= findTarget());
}

async function findTarget(): Promise<Target> {
  const [channels, side] = [32, 3];
  const [picture, weights] = [
    input('picture', [1, channels, side, side]),
    input('weights', [16, channels, side, side]),
  ];
  const outputs = { value: convolution(picture, weights) };
  // Integers, whose products sum exactly in any order, different for every channel and tap.
  const numbers = (shape: readonly number[], step: number): Tensor =>
    new Tensor(
      'float32',
      Float32Array.from({ length: shape.reduce((a, b) => a * b) }, (_, i) => (i * step) % 31),
      shape,
    );
  const feeds = { picture: numbers(picture.shape, 7), weights: numbers(weights.shape, 11) };
  const expected = await run(encodeOnnx(outputs), feeds);
  for (const channelBlock of candidates) {
    const found = await run(encodeOnnx(outputs, {}, { channelBlock }), feeds).catch(() => undefined);
    if (found?.every((value, i) => value === expected[i]) === true) return { channelBlock };
  }
  return 'cpu';
}

async function run(model: OnnxModel, feeds: Record<string, Tensor>): Promise<Float32Array> {
  const session = await createSession(model.bytes, { intraOpNumThreads: 1, extra: flushDenormals });
  try {
    return (await session.run(feeds))['value']!.data as Float32Array;
  } finally {
    await session.release();
  }
}
