import { gradients, type NamedTensors, type Tensor } from '../graph/index.js';
import type { Optimizer } from '../optimizers/optimizer.js';
import type { InputValues, Runtime } from '../runtime/runtime.js';
import type { ParameterSet } from './parameter-set.js';
import { SharedProgram } from './shared-program.js';

/** A network with its loss, as a graph of its parameters and some pictures. The loss and its terms are means over them. */
export interface TrainingGraph {
  /** The inputs of the parameters to train, by name, see {@link ParameterSet.inputs}; the others stay as they are. */
  readonly parameters: Readonly<Record<string, Tensor>>;
  /** The scalar to minimise. */
  readonly total: Tensor;
  /** Scalars to report beside it. */
  readonly terms: NamedTensors;
}

export interface TrainingStepOptions {
  /** They share the batch, see `createParallelRuntimes`. */
  readonly runtimes: readonly Runtime[];
  /** The graph of a number of pictures. */
  readonly graphOf: (pictures: number) => TrainingGraph;
  /** Pictures per step. */
  readonly batch: number;
  readonly parameters: ParameterSet;
  readonly optimizer: Optimizer;
  /** The largest norm of the gradient over all parameters (Pascanu et al. 2013). @defaultValue none */
  readonly clipNorm?: number | undefined;
}

/** Before the step: the total, the terms by name, and the norm of the gradient over all parameters. */
export interface StepReport {
  readonly total: number;
  readonly terms: Readonly<Record<string, number>>;
  readonly gradientNorm: number;
}

const gradientName = (parameter: string): string => `gradient of ${parameter}`;

/** The gradient of every parameter, by name. */
function derivatives({ parameters, total }: TrainingGraph): NamedTensors {
  const derived = gradients(total, Object.values(parameters));
  return Object.fromEntries(
    Object.keys(parameters).map((name, index) => [gradientName(name), derived[index]!]),
  );
}

/**
 * Trains parameters batch by batch: one graph computes the losses and every gradient, one optimiser updates all parameters.
 * @example
 * ```ts
 * import { Adam, createNativeRuntime, graph } from 'pastiche/engine';
 * import { ParameterSet, TrainingStep } from 'pastiche/training';
 *
 * const parameters = new ParameterSet({ 'layer.weight': [1, 3] });
 * parameters.initialize(1);
 * const graphOf = (pictures: number) => {
 *   const inputs = parameters.inputs();
 *   const [x, y] = [graph.input('x', [pictures, 3]), graph.input('y', [pictures, 1])];
 *   const off = graph.subtract(graph.matmul(x, inputs['layer.weight']!, { transposeB: true }), y);
 *   return { parameters: inputs, total: graph.mean(graph.square(off)), terms: {} };
 * };
 * const runtime = createNativeRuntime();
 * const step = await TrainingStep.create({
 *   runtimes: [runtime],
 *   graphOf,
 *   batch: 2,
 *   parameters,
 *   optimizer: new Adam({ learningRate: 0.1 }),
 * });
 * const { total } = await step.run({ x: Float32Array.of(1, 0, 0, 0, 1, 0), y: Float32Array.of(2, 3) });
 * console.log(total);
 * await step.dispose();
 * await runtime.dispose();
 * ```
 */
export class TrainingStep {
  private readonly gradient: Float32Array;

  private constructor(
    private readonly program: SharedProgram,
    private readonly parameters: ParameterSet,
    private readonly terms: readonly string[],
    private readonly optimizer: Optimizer,
    private readonly clipNorm: number,
  ) {
    this.gradient = new Float32Array(parameters.flat.length);
  }

  /** Compiles the graph with its gradients. */
  static async create({
    runtimes,
    graphOf,
    batch,
    parameters,
    optimizer,
    clipNorm = Infinity,
  }: TrainingStepOptions): Promise<TrainingStep> {
    let terms: string[] = [];
    const outputsOf = (pictures: number): NamedTensors => {
      const graph = graphOf(pictures);
      terms = Object.keys(graph.terms);
      return { ...graph.terms, total: graph.total, ...derivatives(graph) };
    };
    const program = await SharedProgram.compile(runtimes, outputsOf, batch);
    return new TrainingStep(program, parameters, terms, optimizer, clipNorm);
  }

  /** Binds inputs that are the same for all pictures, such as a style's statistics, for all later batches. */
  bind(inputs: InputValues): Promise<void> {
    return this.program.bind(inputs);
  }

  /**
   * Updates the parameters once.
   * @param batch values of the graph's other inputs, concatenated for all pictures
   */
  async run(batch: InputValues): Promise<StepReport> {
    let report: StepReport | undefined;
    await this.optimizer.step(this.parameters.flat, async () => {
      const outputs = await this.program.run(batch, this.parameters.values());
      const named = Object.fromEntries(
        Object.keys(this.parameters.shapes).map((name) => [name, outputs[gradientName(name)]]),
      );
      this.parameters.gather(named, this.gradient);
      const gradientNorm = this.clip();
      const terms = Object.fromEntries(this.terms.map((name) => [name, outputs[name]![0]!]));
      report = { total: outputs['total']![0]!, terms, gradientNorm };
      return { value: report.total, gradient: this.gradient };
    });
    return report!;
  }

  dispose(): Promise<void> {
    return this.program.dispose();
  }

  /** Clips the gradient; returns its norm before. */
  private clip(): number {
    let squares = 0;
    // By index: an iterator over millions of values takes as long as the update.
    for (let i = 0; i < this.gradient.length; i += 1) squares += this.gradient[i]! ** 2;
    const norm = Math.sqrt(squares);
    if (norm > this.clipNorm) {
      const factor = this.clipNorm / norm;
      for (let i = 0; i < this.gradient.length; i += 1) this.gradient[i]! *= factor;
    }
    return norm;
  }
}
