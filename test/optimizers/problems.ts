import { readGoldenJson } from '../golden-values.js';
import type { Evaluation, FloatArray, Objective, Optimizer } from '../../src/optimizers/optimizer.js';

/** The Rosenbrock function of any number of variables, which the golden paths descend. */
export const rosenbrock: Objective = (x) => {
  const gradient = new Float64Array(x.length);
  let value = 0;
  for (let i = 0; i + 1 < x.length; i += 1) {
    const valley = x[i + 1]! - x[i]! ** 2;
    value += 100 * valley ** 2 + (1 - x[i]!) ** 2;
    gradient[i]! += -400 * valley * x[i]! - 2 * (1 - x[i]!);
    gradient[i + 1]! += 200 * valley;
  }
  return Promise.resolve({ value, gradient });
};

/** The start of the golden paths. */
export const rosenbrockStart = (): Float64Array => Float64Array.of(-1.2, 1, -0.5, 0.8);

/** `1/2 x'Ax - b'x` for a symmetric matrix, given by rows. */
export function quadratic(matrix: readonly (readonly number[])[], b: readonly number[]): Objective {
  return (x) => {
    const product = matrix.map((row) => row.reduce((sum, entry, j) => sum + entry * x[j]!, 0));
    const gradient = Float64Array.from(product, (entry, i) => entry - b[i]!);
    const value = product.reduce((sum, entry, i) => sum + x[i]! * (0.5 * entry - b[i]!), 0);
    return Promise.resolve({ value, gradient });
  };
}

/** An objective that hands out one buffer again and again, and keeps what it was asked. */
export function recorded(objective: Objective): { objective: Objective; points: number[][] } {
  const points: number[][] = [];
  let buffer: FloatArray | undefined;
  return {
    points,
    objective: async (x): Promise<Evaluation> => {
      points.push([...x]);
      const { value, gradient } = await objective(x);
      buffer ??= new Float64Array(gradient.length);
      buffer.set(gradient);
      return { value, gradient: buffer };
    },
  };
}

/** The points and losses of so many steps. */
export async function walk(
  optimizer: Optimizer,
  x: FloatArray,
  objective: Objective,
  steps: number,
): Promise<number[][]> {
  const path: number[][] = [];
  for (let i = 0; i < steps; i += 1) {
    const { value } = await optimizer.step(x, objective);
    path.push([value, ...x]);
  }
  return path;
}

/** PyTorch's losses after each of 40 steps, and the points. */
export async function goldenPath(name: string): Promise<number[][]> {
  const { paths } = (await readGoldenJson('optimisers.json')) as { paths: Record<string, number[][]> };
  return paths[name]!;
}

/** The largest difference of two paths' points, relative to the expected coordinate or to 1, whichever is less. */
export function largestDeviation(found: readonly number[][], expected: readonly number[][]): number {
  const deviations = expected.flatMap((row, step) =>
    row.slice(1).map((value, i) => Math.abs(found[step]![i + 1]! - value) / Math.min(Math.abs(value), 1)),
  );
  return Math.max(...deviations);
}
