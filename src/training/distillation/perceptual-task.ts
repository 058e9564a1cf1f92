import { StyleError } from '../../errors.js';
import type { NamedTensors, Tensor } from '../../graph/index.js';
import type { VggWeights } from '../../networks/vgg-weights.js';
import { GradientDescent } from '../../optimizers/gradient-descent.js';
import { cosineDecay } from '../../optimizers/learning-rate.js';
import type { FloatArray } from '../../optimizers/optimizer.js';
import type { Runtime } from '../../runtime/runtime.js';
import { encodeVggWeights } from '../../weights/vgg-encoding.js';
import { ParameterSet } from '../parameter-set.js';
import {
  prefixed,
  StagedTask,
  sumOfValues,
  type NamedArrays,
  type StagedTaskOptions,
  type TrainingStage,
} from '../staged-task.js';
import type { PictureSource } from '../training.js';
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

export interface PerceptualTaskOptions extends StagedTaskOptions {
  readonly teacher: VggWeights;
  readonly settings: PerceptualSettings;
}

/** Distils a perceptual network: first layerwise, then end to end. */
export class PerceptualTask extends StagedTask<PerceptualTaskOptions> {
  readonly kind = 'perceptual';
  readonly fingerprint: string;
  readonly layers: readonly StudentLayer[];
  protected readonly stages: readonly TrainingStage[];
  private basis: StudentBasis | undefined;

  /**
   * @param runtimes share each batch
   * @throws StyleError `E_LAYER` for a teacher without all layers up to conv5_1, `E_ARGUMENT` for widths that don't fit it
   */
  constructor(runtimes: readonly Runtime[], options: PerceptualTaskOptions) {
    const { teacher, settings } = options;
    const layers = designStudent(teacher, settings.widths);
    super(runtimes, options, new ParameterSet(studentParameterShapes(layers)));
    this.layers = layers;
    const byLayer = layerwiseSteps(settings);
    this.stages = [
      this.stageOf(byLayer, settings.layerwiseRate, layerwiseGraph),
      this.stageOf(settings.steps - byLayer, settings.networkRate, networkGraph),
    ];
    const { layerwiseRate: _, networkRate: __, clipNorm: ___, steps: ____, ...decisive } = settings;
    this.fingerprint = JSON.stringify({
      ...decisive,
      widths: layers.map(({ outputChannels }) => outputChannels).join(','),
      layerwiseSteps: byLayer,
      teacher: [teacher.preprocess, ...layers.map(({ name }) => teacher.convolutions[name]!)]
        .map(({ weight, bias }) => (sumOfValues(weight) + sumOfValues(bias)).toPrecision(9))
        .join(','),
    });
  }

  /** Channels of the five blocks. */
  get design(): { readonly widths: readonly number[] } {
    const widthOf = (block: number): number =>
      this.layers.find((layer) => layer.block === block)!.outputChannels;
    return { widths: [1, 2, 3, 4, 5].map(widthOf) };
  }

  /** The current student, with averaged parameters. */
  async student(): Promise<TrainedStudent> {
    const values = await this.averaged();
    return { layers: this.layers, values, basis: this.knownBasis() };
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

  protected override async measure(source: PictureSource): Promise<number> {
    if (this.basis !== undefined) return 0;
    const { teacher, settings } = this.options;
    const teaching = { teacher, layers: this.layers, padding: settings.padding };
    this.basis = await measureBasis(this.runtimes, teaching, source, settings, this.parameters);
    return 2 * settings.statisticsBatches;
  }

  protected override measured(): NamedArrays {
    const { bases, kept, meanSquares } = this.knownBasis();
    const channels = Object.entries(kept).map(([name, list]) => [name, Float32Array.from(list)] as const);
    return {
      ...prefixed('basis', bases),
      ...prefixed('kept', Object.fromEntries(channels)),
      meanSquares: Float64Array.from(this.layers, ({ name }) => meanSquares[name]!),
    };
  }

  protected override restoreMeasured(array: (name: string) => FloatArray): void {
    const byLayer = <T>(prefix: string, convert: (values: FloatArray) => T): Record<string, T> =>
      Object.fromEntries(this.layers.map(({ name }) => [name, convert(array(`${prefix}.${name}`))]));
    const squares = array('meanSquares');
    this.basis = {
      kept: byLayer('kept', (values) => Array.from(values)),
      bases: byLayer('basis', (values) => Float32Array.from(values)),
      meanSquares: Object.fromEntries(this.layers.map(({ name }, index) => [name, squares[index]!])),
    };
  }

  protected override constants(): Record<string, Float32Array> {
    return basisInputs(this.knownBasis().bases);
  }

  protected validationTerms(pictures: Tensor, parameters: NamedTensors): NamedTensors {
    return networkGraph(pictures, parameters, this.lesson).terms;
  }

  private stageOf(steps: number, rate: number, graph: typeof networkGraph): TrainingStage {
    const { momentum } = this.options.settings;
    return {
      steps,
      optimizer: () =>
        new GradientDescent({ learningRate: cosineDecay(rate * (1 - momentum), 0, steps), momentum }),
      graph: (pictures, parameters) => graph(pictures, parameters, this.lesson),
    };
  }

  private knownBasis(): StudentBasis {
    if (this.basis !== undefined) return this.basis;
    throw new StyleError('E_STATE', 'The training has not begun.', 'Make a step or a validation first.');
  }

  private get lesson(): Lesson {
    const { teacher, settings } = this.options;
    const { kept, meanSquares } = this.knownBasis();
    return { teacher, layers: this.layers, padding: settings.padding, kept, meanSquares };
  }
}
