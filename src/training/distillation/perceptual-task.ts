import { StyleError } from '../../errors.js';
import { input, type NamedTensors } from '../../graph/index.js';
import type { VggWeights } from '../../networks/vgg-weights.js';
import { encodeVggWeights } from '../../weights/vgg-encoding.js';
import { GradientDescent } from '../../optimizers/gradient-descent.js';
import { IterateAverage } from '../../optimizers/iterate-average.js';
import { cosineDecay } from '../../optimizers/learning-rate.js';
import type { FloatArray, OptimizerState } from '../../optimizers/optimizer.js';
import type { Runtime } from '../../runtime/runtime.js';
import { ParameterSet } from '../parameter-set.js';
import { SharedProgram } from '../shared-program.js';
import { TrainingStep, type StepReport, type TrainingGraph } from '../training-step.js';
import type { TrainingState, ValidationReport } from '../training-task.js';
import type { NetworkTask, OpenPictureSource, PictureSource, TrainingData } from '../training.js';
import {
  basisInputs,
  layerwiseGraph,
  networkGraph,
  studentParameterShapes,
  type Lesson,
} from './distillation-graph.js';
import { layerwiseSteps, type PerceptualSettings } from './perceptual-settings.js';
import { measureBasis, type StudentBasis } from './student-basis.js';
import { designStudent, type StudentLayer } from './student-design.js';
import { studentConvolutions, studentProjections, type TrainedStudent } from './student-weights.js';

export interface PerceptualTaskOptions extends TrainingData {
  readonly teacher: VggWeights;
  readonly settings: PerceptualSettings;
  /** Cancels the long measurement before the first step, which then throws the signal's reason. */
  readonly signal?: AbortSignal | undefined;
}

type Stage = 'layerwise' | 'network';

/** Distils a perceptual network: first layerwise, then end to end. */
export class PerceptualTask implements NetworkTask {
  readonly kind = 'perceptual';
  readonly fingerprint: string;
  readonly layers: readonly StudentLayer[];
  private readonly parameters: ParameterSet;
  private readonly layerwiseSteps: number;
  private done = 0;
  private batch = 0;
  private basis: StudentBasis | undefined;
  private source: OpenPictureSource | undefined;
  private stage: Stage | undefined;
  private program: TrainingStep | undefined;
  private validator: { readonly program: SharedProgram; readonly pictures: Float32Array } | undefined;
  private optimizer: GradientDescent | undefined;
  private average: IterateAverage;
  /** The optimiser's state of a resumed stage. */
  private saved: OptimizerState | undefined;

  /**
   * @param runtimes share each batch
   * @throws StyleError `E_LAYER` for a teacher without all layers up to conv5_1, `E_ARGUMENT` for widths that don't fit it
   */
  constructor(
    private readonly runtimes: readonly Runtime[],
    private readonly options: PerceptualTaskOptions,
  ) {
    const { teacher, settings } = options;
    this.layers = designStudent(teacher, settings.widths);
    this.parameters = new ParameterSet(studentParameterShapes(this.layers));
    this.layerwiseSteps = layerwiseSteps(settings);
    this.average = new IterateAverage(settings.averageDecay);
    const { layerwiseRate: _, networkRate: __, clipNorm: ___, steps: ____, ...decisive } = settings;
    this.fingerprint = JSON.stringify({
      ...decisive,
      widths: this.layers.map(({ outputChannels }) => outputChannels).join(','),
      layerwiseSteps: this.layerwiseSteps,
      teacher: [teacher.preprocess, ...this.layers.map(({ name }) => teacher.convolutions[name]!)]
        .map(({ weight, bias }) => (sumOf(weight) + sumOf(bias)).toPrecision(9))
        .join(','),
    });
  }

  async step(): Promise<StepReport> {
    const program = await this.enter(this.done < this.layerwiseSteps ? 'layerwise' : 'network');
    const { index, values } = await this.pictures();
    const report = await program.run({ pictures: values });
    this.batch = index + 1;
    this.done += 1;
    this.average.add(this.parameters.flat);
    return report;
  }

  async validate(): Promise<ValidationReport> {
    const { values } = await this.student();
    this.validator ??= await this.compileValidator();
    const { program, pictures } = this.validator;
    const outputs = await program.run({ pictures }, values.values());
    const errors = Object.fromEntries(Object.entries(outputs).map(([name, value]) => [name, value[0]!]));
    const total = Object.values(errors).reduce((sum, value) => sum + value, 0);
    return { losses: { total, ...errors }, pictures: [] };
  }

  state(): TrainingState {
    const basis = this.measured();
    // A resumed training has no optimiser before its first step, but its saved state.
    const optimizer = this.optimizer?.state() ?? this.saved;
    const average = this.average.state();
    const prefixed = (
      prefix: string,
      arrays: Readonly<Record<string, FloatArray>>,
    ): Record<string, FloatArray> =>
      Object.fromEntries(Object.entries(arrays).map(([name, values]) => [`${prefix}.${name}`, values]));
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
        ...prefixed('basis', basis.bases),
        ...prefixed(
          'kept',
          Object.fromEntries(
            Object.entries(basis.kept).map(([name, kept]) => [name, Float32Array.from(kept)]),
          ),
        ),
        meanSquares: Float64Array.from(this.layers, ({ name }) => basis.meanSquares[name]!),
      },
    };
  }

  restore({ scalars, arrays }: TrainingState): void {
    const array = (name: string): FloatArray => {
      const values = arrays[name];
      if (values === undefined) throw incomplete(name);
      return values;
    };
    const scalar = (name: string): number => {
      const value = scalars[name];
      if (value === undefined) throw incomplete(name);
      return value;
    };
    const parameters = array('parameters');
    if (parameters.length !== this.parameters.flat.length) throw incomplete('parameters');
    const byLayer = <T>(prefix: string, convert: (values: FloatArray) => T): Record<string, T> =>
      Object.fromEntries(this.layers.map(({ name }) => [name, convert(array(`${prefix}.${name}`))]));
    const squares = array('meanSquares');
    this.basis = {
      kept: byLayer('kept', (values) => Array.from(values)),
      bases: byLayer('basis', (values) => Float32Array.from(values)),
      meanSquares: Object.fromEntries(this.layers.map(({ name }, index) => [name, squares[index]!])),
    };
    this.parameters.flat.set(parameters);
    this.done = scalar('done');
    this.batch = scalar('batch');
    const [count, steps] = [scalar('averaged'), scalar('optimizerSteps')];
    const sum = arrays['average.sum'];
    this.average.restore({ name: 'average', scalars: { count }, arrays: sum === undefined ? {} : { sum } });
    const velocity = arrays['optimizer.velocity'];
    this.saved = {
      name: 'gradient-descent',
      scalars: { steps },
      arrays: velocity === undefined ? {} : { velocity },
    };
  }

  /** The current student, with averaged parameters. */
  async student(): Promise<TrainedStudent> {
    const basis = await this.begin();
    const values = new ParameterSet(this.parameters.shapes);
    values.flat.set(this.averaged());
    return { layers: this.layers, values, basis };
  }

  /** Channels of the five blocks. */
  get design(): { readonly widths: readonly number[] } {
    const widthOf = (block: number): number =>
      this.layers.find((layer) => layer.block === block)!.outputChannels;
    return { widths: [1, 2, 3, 4, 5].map(widthOf) };
  }

  /** The student's weights in half precision. */
  async encode(metadata: Readonly<Record<string, string>>): Promise<Uint8Array> {
    const { teacher, settings, open } = this.options;
    const student = await this.student();
    // Pictures of the training, from its beginning.
    const source = await open(0);
    try {
      const weights: VggWeights = {
        architecture: teacher.architecture,
        preprocess: teacher.preprocess,
        convolutions: studentConvolutions(student),
        projections: await studentProjections(this.runtimes, student, teacher, source, settings),
        source: { name: 'student', format: 'pastiche' },
      };
      return encodeVggWeights(weights, { dtype: 'F16', metadata });
    } finally {
      await source.close();
    }
  }

  async dispose(): Promise<void> {
    await Promise.all([this.source?.close(), this.program?.dispose(), this.validator?.program.dispose()]);
  }

  private averaged(): FloatArray {
    return this.average.value() ?? this.parameters.flat;
  }

  private measured(): StudentBasis {
    if (this.basis !== undefined) return this.basis;
    throw new StyleError('E_STATE', 'The training has not begun.', 'Make a step or a validation first.');
  }

  private get lesson(): Lesson {
    const { teacher, settings } = this.options;
    const { kept, meanSquares } = this.measured();
    return { teacher, layers: this.layers, padding: settings.padding, kept, meanSquares };
  }

  private async pictures(): Promise<{ index: number; values: Float32Array }> {
    this.source ??= await this.options.open(this.batch);
    return this.source.next();
  }

  /** Measures the basis, once. */
  private async begin(): Promise<StudentBasis> {
    if (this.basis !== undefined) return this.basis;
    const { teacher, settings, signal } = this.options;
    const teaching = { teacher, layers: this.layers, padding: settings.padding };
    const source: PictureSource = {
      next: () => {
        signal?.throwIfAborted();
        return this.pictures();
      },
    };
    this.basis = await measureBasis(this.runtimes, teaching, source, settings, this.parameters);
    this.batch = 2 * settings.statisticsBatches;
    return this.basis;
  }

  /** The compiled step of a stage; each stage begins with a new optimiser and average. */
  private async enter(stage: Stage): Promise<TrainingStep> {
    if (this.program !== undefined && this.stage === stage) return this.program;
    const { bases } = await this.begin();
    await this.program?.dispose();
    const { settings } = this.options;
    const [rate, steps] =
      stage === 'layerwise'
        ? [settings.layerwiseRate, this.layerwiseSteps]
        : [settings.networkRate, settings.steps - this.layerwiseSteps];
    this.optimizer = new GradientDescent({
      learningRate: cosineDecay(rate * (1 - settings.momentum), 0, steps),
      momentum: settings.momentum,
    });
    if (this.done === 0 || this.done === this.layerwiseSteps) {
      this.average = new IterateAverage(settings.averageDecay);
    } else if (this.saved !== undefined) this.optimizer.restore(this.saved);
    const graphOfStage = stage === 'layerwise' ? layerwiseGraph : networkGraph;
    this.program = await TrainingStep.create({
      runtimes: this.runtimes,
      graphOf: (pictures): TrainingGraph => graphOfStage(...this.inputs(pictures), this.lesson),
      batch: settings.batch,
      parameters: this.parameters,
      optimizer: this.optimizer,
      clipNorm: settings.clipNorm,
    });
    await this.program.bind(basisInputs(bases));
    this.stage = stage;
    return this.program;
  }

  private inputs(pictures: number): [pictures: ReturnType<typeof input>, parameters: NamedTensors] {
    const { size } = this.options.settings;
    return [input('pictures', [pictures, 3, size, size]), this.parameters.inputs()];
  }

  private async compileValidator(): Promise<{ program: SharedProgram; pictures: Float32Array }> {
    const termsOf = (pictures: number): NamedTensors =>
      networkGraph(...this.inputs(pictures), this.lesson).terms;
    const program = await SharedProgram.compile(this.runtimes, termsOf, this.options.settings.batch);
    await program.bind(basisInputs(this.measured().bases));
    return { program, pictures: await this.options.validation() };
  }
}

const sumOf = (values: Float32Array): number => values.reduce((sum, value) => sum + value, 0);

function incomplete(name: string): StyleError {
  return new StyleError(
    'E_STATE',
    `The checkpoint has no usable "${name}".`,
    'Resume from another checkpoint, or start a new training.',
  );
}
