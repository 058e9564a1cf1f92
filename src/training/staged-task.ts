import { StyleError } from '../errors.js';
import { input, type NamedTensors, type Tensor } from '../graph/index.js';
import { IterateAverage } from '../optimizers/iterate-average.js';
import type { FloatArray, Optimizer, OptimizerState } from '../optimizers/optimizer.js';
import type { InputValues, Runtime } from '../runtime/runtime.js';
import { ParameterSet } from './parameter-set.js';
import { SharedProgram } from './shared-program.js';
import { TrainingStep, type StepReport, type TrainingGraph } from './training-step.js';
import type { TrainingState, ValidationReport } from './training-task.js';
import type {
  NetworkTask,
  OpenPictureSource,
  PictureSource,
  TrainingData,
  TrainingSettings,
} from './training.js';

/** Steps of one loss and one course of the learning rate. */
export interface TrainingStage {
  readonly steps: number;
  /** A new one, whose learning rate is for these steps. */
  readonly optimizer: () => Optimizer;
  /** The loss, a mean over the pictures. */
  readonly graph: (pictures: Tensor, parameters: NamedTensors) => TrainingGraph;
}

export interface StagedTaskOptions extends TrainingData {
  readonly settings: TrainingSettings & {
    /** The largest norm of the gradient. */
    readonly clipNorm: number;
    /** Decay of the moving average of the parameters, which is what is validated and written. */
    readonly averageDecay: number;
  };
  /** Cancels the long measurement before the first step, which then throws the signal's reason. */
  readonly signal?: AbortSignal | undefined;
}

/** Arrays of a state by name. */
export type NamedArrays = Readonly<Record<string, FloatArray>>;

/**
 * A network that is trained in stages, each with a new optimiser and a new average: everything about its steps, validations
 * and states. What is left to a kind of network is its stages and what it measures before the first step.
 */
export abstract class StagedTask<Options extends StagedTaskOptions> implements NetworkTask {
  abstract readonly kind: string;
  abstract readonly fingerprint: string;
  abstract readonly design: NetworkTask['design'];
  private done = 0;
  private batch = 0;
  private source: OpenPictureSource | undefined;
  private stage: number | undefined;
  private program: TrainingStep | undefined;
  private validator: { readonly program: SharedProgram; readonly pictures: Float32Array } | undefined;
  private optimizer: Optimizer | undefined;
  private average: IterateAverage;
  /** The optimiser's state of a resumed stage. */
  private saved: Omit<OptimizerState, 'name'> | undefined;

  /** @param runtimes share each batch */
  protected constructor(
    protected readonly runtimes: readonly Runtime[],
    protected readonly options: Options,
    protected readonly parameters: ParameterSet,
  ) {
    this.average = new IterateAverage(options.settings.averageDecay);
  }

  /** One after the other. */
  protected abstract readonly stages: readonly TrainingStage[];

  /**
   * Measures what the losses need, from training pictures, before the first step; does nothing when that is known.
   * @returns batches that it has taken
   */
  protected measure?(source: PictureSource): Promise<number>;

  /** What was measured, for a state. @throws StyleError `E_STATE` before that */
  protected measured?(): NamedArrays;

  /** Takes over what was measured. @param array finds one by name, and throws where it is missing */
  protected restoreMeasured?(array: (name: string) => FloatArray): void;

  /** Values of the graphs' other inputs, which stay the same for all batches. */
  protected constants?(): InputValues;

  /** Terms of the validation that are no errors: its total is the sum of the others. */
  protected readonly figures: readonly string[] = [];

  /** Errors on pictures and the {@link figures}, means over them. */
  protected abstract validationTerms(pictures: Tensor, parameters: NamedTensors): NamedTensors;

  /**
   * Values of the graphs' inputs for each picture of a training batch beside the pictures themselves, or others in their place.
   * @param batch its index
   */
  protected batchInputs?(batch: number, pictures: Float32Array): InputValues;

  /** Such values for the validation's pictures, once for each time that they are judged; the errors are averaged. */
  protected validationInputs?(pictures: Float32Array): readonly InputValues[];

  /** What the network makes of some of the validation's pictures. */
  protected validationPictures?(
    values: ParameterSet,
    pictures: Float32Array,
  ): Promise<ValidationReport['pictures']>;

  abstract encode(metadata: Readonly<Record<string, string>>): Promise<Uint8Array>;

  async step(): Promise<StepReport> {
    const program = await this.enter();
    const { index, values } = await this.pictures();
    const report = await program.run({ pictures: values, ...this.batchInputs?.(index, values) });
    this.batch = index + 1;
    this.done += 1;
    this.average.add(this.parameters.flat);
    return report;
  }

  async validate(): Promise<ValidationReport> {
    const values = await this.averaged();
    this.validator ??= await this.compileValidator();
    const { program, pictures } = this.validator;
    const errors: Record<string, number> = {};
    const cases = this.validationInputs?.(pictures) ?? [{}];
    for (const inputs of cases) {
      const outputs = await program.run({ pictures, ...inputs }, values.values());
      for (const [name, value] of Object.entries(outputs))
        errors[name] = (errors[name] ?? 0) + value[0]! / cases.length;
    }
    const counted = Object.entries(errors).filter(([name]) => !this.figures.includes(name));
    const total = counted.reduce((sum, [, value]) => sum + value, 0);
    const shown = (await this.validationPictures?.(values, pictures)) ?? [];
    return { losses: { total, ...errors }, pictures: shown };
  }

  state(): TrainingState {
    const measured = this.measured?.() ?? {};
    // A resumed training has no optimiser before its first step, but its saved state.
    const optimizer = this.optimizer?.state() ?? this.saved;
    const average = this.average.state();
    return {
      scalars: {
        done: this.done,
        batch: this.batch,
        averaged: average.scalars['count']!,
        optimizerSteps: optimizer?.scalars['steps'] ?? 0,
      },
      arrays: {
        parameters: this.parameters.flat.slice(),
        ...prefixed('optimizer', optimizer?.arrays ?? {}),
        ...prefixed('average', average.arrays),
        ...measured,
      },
    };
  }

  restore({ scalars, arrays }: TrainingState): void {
    const find = <Value>(values: Readonly<Record<string, Value>>, name: string): Value => {
      const value = values[name];
      if (value === undefined) throw incomplete(name);
      return value;
    };
    const parameters = find(arrays, 'parameters');
    if (parameters.length !== this.parameters.flat.length) throw incomplete('parameters');
    this.restoreMeasured?.((name) => find(arrays, name));
    this.parameters.flat.set(parameters);
    this.done = find(scalars, 'done');
    this.batch = find(scalars, 'batch');
    const [count, steps] = [find(scalars, 'averaged'), find(scalars, 'optimizerSteps')];
    this.average.restore({ name: 'average', scalars: { count }, arrays: unprefixed('average', arrays) });
    this.saved = { scalars: { steps }, arrays: unprefixed('optimizer', arrays) };
  }

  async dispose(): Promise<void> {
    await Promise.all([this.source?.close(), this.program?.dispose(), this.validator?.program.dispose()]);
  }

  /** The current parameters, averaged. */
  protected async averaged(): Promise<ParameterSet> {
    await this.begin();
    const values = new ParameterSet(this.parameters.shapes);
    values.flat.set(this.average.value() ?? this.parameters.flat);
    return values;
  }

  private async pictures(): Promise<{ index: number; values: Float32Array }> {
    this.source ??= await this.options.open(this.batch);
    return this.source.next();
  }

  private async begin(): Promise<void> {
    const next = (): ReturnType<PictureSource['next']> => {
      this.options.signal?.throwIfAborted();
      return this.pictures();
    };
    this.batch += (await this.measure?.({ next })) ?? 0;
  }

  /** The compiled step of the stage that the next step is of. */
  private async enter(): Promise<TrainingStep> {
    let [index, begin] = [0, 0];
    while (index < this.stages.length - 1 && this.done >= begin + this.stages[index]!.steps) {
      begin += this.stages[index]!.steps;
      index += 1;
    }
    if (this.program !== undefined && this.stage === index) return this.program;
    await this.begin();
    await this.program?.dispose();
    const { averageDecay, batch, clipNorm } = this.options.settings;
    const { optimizer: create, graph } = this.stages[index]!;
    const optimizer = create();
    this.optimizer = optimizer;
    if (this.done === begin) this.average = new IterateAverage(averageDecay);
    else if (this.saved !== undefined) optimizer.restore({ ...this.saved, name: optimizer.name });
    this.program = await TrainingStep.create({
      runtimes: this.runtimes,
      graphOf: (pictures) => graph(...this.inputs(pictures)),
      batch,
      parameters: this.parameters,
      optimizer,
      clipNorm,
    });
    await this.program.bind(this.constants?.() ?? {});
    this.stage = index;
    return this.program;
  }

  private inputs(pictures: number): [pictures: Tensor, parameters: NamedTensors] {
    const { size } = this.options.settings;
    return [input('pictures', [pictures, 3, size, size]), this.parameters.inputs()];
  }

  private async compileValidator(): Promise<{ program: SharedProgram; pictures: Float32Array }> {
    const termsOf = (pictures: number): NamedTensors => this.validationTerms(...this.inputs(pictures));
    const program = await SharedProgram.compile(this.runtimes, termsOf, this.options.settings.batch);
    await program.bind(this.constants?.() ?? {});
    return { program, pictures: await this.options.validation() };
  }
}

/** What stands for many values in a fingerprint. */
export const sumOfValues = (values: Float32Array): number => values.reduce((sum, value) => sum + value, 0);

/** Arrays under longer names: `basis.conv1_1`. */
export const prefixed = (prefix: string, arrays: NamedArrays): Record<string, FloatArray> =>
  Object.fromEntries(Object.entries(arrays).map(([name, values]) => [`${prefix}.${name}`, values]));

const unprefixed = (prefix: string, arrays: NamedArrays): Record<string, FloatArray> =>
  Object.fromEntries(
    Object.entries(arrays)
      .filter(([name]) => name.startsWith(`${prefix}.`))
      .map(([name, values]) => [name.slice(prefix.length + 1), values]),
  );

function incomplete(name: string): StyleError {
  return new StyleError(
    'E_STATE',
    `The checkpoint has no usable "${name}".`,
    'Resume from another checkpoint, or start a new training.',
  );
}
