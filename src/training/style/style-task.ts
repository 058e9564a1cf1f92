import { argumentError, type StyleError } from '../../errors.js';
import type { Image } from '../../images/image.js';
import { shrinkImage } from '../../images/resize.js';
import {
  add,
  instanceNormalization,
  log,
  multiply,
  type NamedTensors,
  type Tensor,
} from '../../graph/index.js';
import {
  conditionalNetwork,
  conditionalNetworkShapes,
  conditionInputs,
  knobsInputName,
  styleInputName,
  type ConditionalNetworkOptions,
} from '../../networks/conditional-network.js';
import { encodeStyleModel, type StyleModel } from '../../networks/style-model.js';
import type { FloatArray } from '../../optimizers/optimizer.js';
import type { Runtime } from '../../runtime/runtime.js';
import { sumOfValues, type NamedArrays, type TrainingStage } from '../staged-task.js';
import { drawKnobs, StyleOrder } from './drawn-conditions.js';
import { ProgramCache } from '../../runtime/program-cache.js';
import { measurePainting, targetArrays, targetsFrom, type PaintingTarget } from './painting-targets.js';
import { known, PaintingTask, type PaintingTaskOptions, type PictureLesson } from './painting-task.js';
import type { Painted } from './style-loss.js';
import { contentWeights, knobNames, networkOptions, type StyleSettings } from './style-settings.js';

/** A painting with the name that its style gets. */
export interface NamedPainting {
  readonly name: string;
  readonly image: Image;
}

export interface StyleTaskOptions extends PaintingTaskOptions {
  readonly paintings: readonly NamedPainting[];
  readonly settings: StyleSettings;
  /** The network to go on from. */
  readonly from?: StyleModel | undefined;
}

/** The most styles that a validation shows a picture of. */
const mostPictures = 12;

/** What the last convolution's first weights are multiplied by. */
const firstContrast = 0.2;
/**
 * What the first weights between the knobs and their offsets are multiplied by: with it they have the spread of He et al. 2015,
 * equation 10, so that what a knob changes is as strong behind two layers as before them. Without it it is six times weaker, and
 * knobs are learnt that much more slowly.
 */
const firstKnobContrast = Math.sqrt(6);

/**
 * The distances of low layers are a tenth of that of the deepest one, so that a network that is told to double them gains next to nothing
 * by it, and learns nothing of their knobs. By the logarithm all of them pull about alike: from this distance on what counts is by which
 * factor one falls. Together they pull as strongly as the distances themselves do.
 */
const evenFrom = 0.012;
const evenWeight = 0.15;
const evenDistance = (relative: Tensor): Tensor =>
  multiply(log(add(multiply(relative, 1 / evenFrom), 1)), evenWeight);

/** Which parameters are trained, by what a training is told. */
const trainedBy: Readonly<Record<StyleSettings['only'], (parameter: string) => boolean>> = {
  all: () => true,
  styles: (parameter) => parameter === 'styles.offsets',
  conditions: (parameter) => /^(styles|knobs)\./.test(parameter),
};

/** Trains one network for some paintings. */
export class StyleTask extends PaintingTask<StyleTaskOptions> {
  readonly kind = 'style';
  readonly fingerprint: string;
  readonly design: { readonly styles: readonly string[] };
  protected readonly stages: readonly TrainingStage[];
  private readonly network: ConditionalNetworkOptions;
  private readonly order: StyleOrder;
  private readonly contentWeights: readonly number[];
  protected override readonly distance = this.options.settings.adjustable ? evenDistance : undefined;
  private targets: readonly PaintingTarget[] | undefined;

  /**
   * @param runtimes share each batch
   * @throws StyleError `E_ARGUMENT` for paintings of one name, and for a network to go on from that is of another design
   */
  constructor(runtimes: readonly Runtime[], options: StyleTaskOptions) {
    const { settings, paintings, from } = options;
    const names = paintings.map(({ name }) => name);
    checkNames(names);
    if (from === undefined && settings.only !== 'all') throw nothingToGoOnFrom();
    const network = networkOptions(settings, paintings.length);
    super(runtimes, options, conditionalNetworkShapes(network));
    this.network = network;
    this.stages = [this.paintingStage(settings.steps)];
    // A grey picture to begin with: strong colours at random are far from every painting.
    this.parameters.view('output.bias').fill(0.5);
    const last = this.parameters.view('output.weight');
    multiplyBy(last, firstContrast);
    for (const layer of network.knobs === 0 ? [] : ['first', 'second']) {
      multiplyBy(this.parameters.view(`knobs.${layer}.weight`), firstKnobContrast);
    }
    if (from !== undefined) this.startFrom(from);
    this.contentWeights = contentWeights(settings, names.length);
    this.design = { styles: names };
    this.order = new StyleOrder(settings.seed, paintings.length, settings.batch);
    const { clipNorm: _, ...decisive } = settings;
    this.fingerprint = JSON.stringify({
      ...decisive,
      styles: names.join(','),
      paintings: paintings.map(({ image }) => sumOfValues(image.rgb).toPrecision(9)).join(','),
      ...(from === undefined ? {} : { from: sumOfValues(from.parameters['down1.weight']!).toPrecision(9) }),
    });
  }

  protected override async measure(): Promise<number> {
    if (this.targets !== undefined) return 0;
    const { network, paintings, settings } = this.options;
    const targets: PaintingTarget[] = [];
    const programs = new ProgramCache(this.runtimes[0]!);
    for (const { image } of paintings) {
      const shrunk = shrinkImage(image, settings.styleSize);
      targets.push((await measurePainting(programs, network, shrunk)).target);
    }
    this.targets = targets;
    return 0;
  }

  protected override measured(): NamedArrays {
    return targetArrays(known(this.targets));
  }

  protected override restoreMeasured(array: (name: string) => FloatArray): void {
    this.targets = targetsFrom(array, this.options.paintings.length);
  }

  protected paint(pictures: Tensor, parameters: NamedTensors): Painted {
    const conditions = conditionInputs(this.network, pictures.shape[0]!);
    const normalized: Tensor[] = [];
    const normalize = (map: Tensor, _: string, scale: Tensor, shift: Tensor): Tensor => {
      normalized.push(instanceNormalization(map, scale, shift));
      return normalized.at(-1)!;
    };
    const painted = conditionalNetwork(pictures, parameters, conditions, this.network, normalize);
    return { painted, normalized, knobs: conditions.knobs };
  }

  protected isTrained(parameter: string): boolean {
    return trainedBy[this.options.settings.only](parameter);
  }

  protected lessons(batch: number): readonly PictureLesson[] {
    const { seed, batch: count } = this.options.settings;
    return this.order
      .ofBatch(batch)
      .map((style, picture) =>
        this.lessonOf(style, drawKnobs(seed, batch * count + picture, this.network.knobs)),
      );
  }

  /** The same pictures in each style. */
  protected validationLessons(): readonly (readonly PictureLesson[])[] {
    const { batch } = this.options.settings;
    return this.options.paintings.map((_, style) =>
      new Array<PictureLesson>(batch).fill(this.lessonOf(style, this.usualKnobs())),
    );
  }

  protected shownLessons(): readonly { caption: string; lesson: PictureLesson }[] {
    return this.options.paintings
      .slice(0, mostPictures)
      .map(({ name }, style) => ({ caption: name, lesson: this.lessonOf(style, this.usualKnobs()) }));
  }

  async encode(metadata: Readonly<Record<string, string>>): Promise<Uint8Array> {
    return encodeStyleModel({
      options: this.network,
      styles: this.design.styles,
      knobs: this.options.settings.adjustable ? knobNames : [],
      parameters: (await this.averaged()).values(),
      metadata,
    });
  }

  /**
   * Takes over the numbers of another network, wherever they have the same shape.
   * @throws StyleError `E_ARGUMENT` when it is of another form, width or number of blocks
   */
  private startFrom(from: StyleModel): void {
    const { form, base, blocks } = this.network;
    const other = from.options;
    if (form !== other.form || base !== other.base || blocks !== other.blocks) {
      throw argumentError(
        'from',
        `The network to go on from is of form ${other.form}, width ${other.base} and ${other.blocks} blocks, not ${form}, ${base} and ${blocks}.`,
        'Leave these options out, or give those of that network.',
      );
    }
    for (const name of Object.keys(this.parameters.shapes)) {
      const given = from.parameters[name];
      const view = this.parameters.view(name);
      if (name !== 'styles.offsets' && given?.length === view.length) view.set(given);
    }
    this.takeRows(from);
  }

  /** A style of the same name keeps its row, a new one begins at the mean of all rows. */
  private takeRows(from: StyleModel): void {
    const rows = from.parameters['styles.offsets']!;
    const count = from.styles.length;
    const length = rows.length / count;
    const mean = meanRow(rows, count);
    this.options.paintings.forEach(({ name }, index) => {
      const row = from.styles.indexOf(name);
      const values = row < 0 ? mean : rows.subarray(row * length, (row + 1) * length);
      this.parameters.view('styles.offsets').set(values, index * length);
    });
  }

  private usualKnobs(): Float32Array {
    return new Float32Array(this.network.knobs).fill(1);
  }

  private lessonOf(style: number, knobs: Float32Array): PictureLesson {
    const row = new Float32Array(this.options.paintings.length);
    row[style] = 1;
    return {
      target: known(this.targets)[style]!,
      contentWeight: this.contentWeights[style]!,
      conditions: { [styleInputName]: row, ...(knobs.length === 0 ? {} : { [knobsInputName]: knobs }) },
    };
  }
}

function multiplyBy(values: Float32Array, factor: number): void {
  values.forEach((value, index) => (values[index] = factor * value));
}

/** The mean of a table's rows. */
function meanRow(rows: Float32Array, count: number): Float32Array {
  const length = rows.length / count;
  return Float32Array.from({ length }, (_, i) => {
    let sum = 0;
    for (let row = 0; row < count; row += 1) sum += rows[row * length + i]!;
    return sum / count;
  });
}

function checkNames(names: readonly string[]): void {
  const twice = names.find((name, index) => names.indexOf(name) !== index);
  if (twice === undefined) return;
  throw argumentError(
    'paintings',
    `Two paintings are named "${twice}".`,
    'Rename the file of one of them: styles are chosen by name.',
  );
}

const nothingToGoOnFrom = (): StyleError =>
  argumentError(
    'only',
    'There is no network whose rows of the styles or other conditions could be trained alone.',
    'Name the network to go on from, or train everything.',
  );
