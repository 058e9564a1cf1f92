import { StyleError } from '../errors.js';
import { formatShape, input, sizeOf, type Shape, type Tensor } from '../graph/index.js';
import { createRandom } from '../random.js';

/**
 * A network's parameters as one vector for the optimiser, and as named views into it for the graph's inputs: the same memory,
 * so that nothing is copied.
 * @example
 * ```ts
 * import { ParameterSet } from 'pastiche/training';
 *
 * const parameters = new ParameterSet({ 'first.weight': [8, 3, 3, 3], 'first.bias': [8] });
 * parameters.initialize(1);
 * console.log(parameters.flat.length, parameters.view('first.bias').length); // 224, 8
 * ```
 */
export class ParameterSet {
  readonly flat: Float32Array;
  private readonly views = new Map<string, Float32Array>();

  /** @param shapes by name, in the order of the vector */
  constructor(readonly shapes: Readonly<Record<string, Shape>>) {
    const sizes = Object.values(shapes).map(sizeOf);
    this.flat = new Float32Array(sizes.reduce((sum, size) => sum + size, 0));
    this.forEachView(this.flat, (name, view) => this.views.set(name, view));
  }

  /** The values of a parameter: a view, to read and to write. */
  view(name: string): Float32Array {
    return this.views.get(name)!;
  }

  /** The views of all parameters, by name. */
  values(): Record<string, Float32Array> {
    return Object.fromEntries(this.views);
  }

  /** One input of a graph for every parameter. */
  inputs(): Record<string, Tensor> {
    return Object.fromEntries(Object.entries(this.shapes).map(([name, shape]) => [name, input(name, shape)]));
  }

  /**
   * Sets values by name.
   * @throws StyleError `E_WEIGHTS_CONTENT` when one is missing or has another number of values
   */
  assign(values: Readonly<Record<string, ArrayLike<number>>>): void {
    for (const [name, shape] of Object.entries(this.shapes)) {
      const given = values[name];
      if (given?.length !== sizeOf(shape)) {
        throw new StyleError(
          'E_WEIGHTS_CONTENT',
          `The parameter ${name} of shape ${formatShape(shape)} was given ${given?.length ?? 'no'} values.`,
          'Use weights of a network with the same widths and blocks.',
        );
      }
      this.view(name).set(given);
    }
  }

  /** Writes named gradients into one vector with the layout of {@link flat}; zeros where there is none. */
  gather(named: Readonly<Record<string, Float32Array | undefined>>, into: Float32Array): void {
    this.forEachView(into, (name, view) => {
      const values = named[name];
      if (values === undefined) view.fill(0);
      else view.set(values);
    });
  }

  /**
   * Initial values: kernels uniform in `+-1 / sqrt(fan in)`, as PyTorch initialises convolutions (He et al. 2015, with a = sqrt 5),
   * biases likewise, scales 1, shifts and offsets 0.
   */
  initialize(seed: number): void {
    const random = createRandom(seed);
    let bound = 1;
    for (const [name, shape] of Object.entries(this.shapes)) {
      const view = this.view(name);
      if (name.endsWith('.scale')) view.fill(1);
      else if (name.endsWith('.shift') || name.endsWith('.offsets')) view.fill(0);
      else {
        // A bias has the bound of the kernel before it.
        if (shape.length > 1) bound = 1 / Math.sqrt(sizeOf(shape.slice(1)));
        for (let i = 0; i < view.length; i += 1) view[i] = bound * (2 * random.uniform() - 1);
      }
    }
  }

  private forEachView(vector: Float32Array, visit: (name: string, view: Float32Array) => void): void {
    let offset = 0;
    for (const [name, shape] of Object.entries(this.shapes)) {
      const size = sizeOf(shape);
      visit(name, vector.subarray(offset, offset + size));
      offset += size;
    }
  }
}
