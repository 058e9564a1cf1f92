import { convolution, encodeOnnx, input, type OnnxModel, type Target } from '../graph/index.js';
import { createSession, Tensor } from './onnxruntime.node.js';

/** What ONNX Runtime's kernels for AVX-512 and ARM, and for other processors of x86, have. */
const candidates = [16, 8];

/**
 * Denormal numbers, as gradients of dark pictures have them, are thirty times slower on Intel's processors. ONNX Runtime
 * heeds this for its own threads; for threads that call it, only in the process's first session, of the thread that makes
 * it. Threads begin as those that start them: so the first session is made here, and workers are started after it.
 */
export const flushDenormals = { 'session.set_denormal_as_zero': '1' };

let target: Promise<Target> | undefined;

/**
 * The form of graphs for this machine's processor: with blocked convolutions of the size that ONNX Runtime's kernels have
 * here, which it doesn't tell; so each size is tried, once a process. Plain where none gives a plain convolution's values.
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
  // Whole numbers, whose products add up exactly in any order; every channel and every tap has others.
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
