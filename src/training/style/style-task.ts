import { StyleError } from '../../errors.js';
import { input, type NamedTensors, type Tensor } from '../../graph/index.js';
import { flatness } from '../../images/flatness.js';
import { createImage, type Image } from '../../images/image.js';
import { clampUnit, resizeImage } from '../../images/resize.js';
import { sumOfTerms } from '../../losses/sum-of-terms.js';
import { grainWeightsOf } from '../../losses/grain.js';
import {
  conditionalNetwork,
  conditionalNetworkShapes,
  conditionInputs,
  knobsInputName,
  styleInputName,
  type ConditionalNetworkOptions,
} from '../../networks/conditional-network.js';
import { encodeStyleModel, type StyleModel } from '../../networks/style-model.js';
import type { VggWeights } from '../../networks/vgg-weights.js';
import { Adam } from '../../optimizers/adam.js';
import { cosineDecay, warmedUp } from '../../optimizers/learning-rate.js';
import type { FloatArray } from '../../optimizers/optimizer.js';
import type { InputValues, Program, Runtime } from '../../runtime/runtime.js';
import { ParameterSet } from '../parameter-set.js';
import {
  StagedTask,
  sumOfValues,
  type NamedArrays,
  type StagedTaskOptions,
  type TrainingStage,
} from '../staged-task.js';
import type { ValidationReport } from '../training-task.js';
import { drawKnobs, StyleOrder } from './drawn-conditions.js';
import { withExposures } from './exposures.js';
import {
  gramInputs,
  measurePaintings,
  targetArrays,
  targetsFrom,
  type PaintingTargets,
} from './painting-targets.js';
import {
  blotchInput,
  blotchScale,
  chromaInput,
  lumaInput,
  styleLossTerms,
  type StyleLesson,
} from './style-loss.js';
import { contentWeights, knobNames, networkOptions, type StyleSettings } from './style-settings.js';

/** A painting with the name that its style gets. */
export interface NamedPainting {
  readonly name: string;
  readonly image: Image;
}

export interface StyleTaskOptions extends StagedTaskOptions {
  readonly network: VggWeights;
  readonly paintings: readonly NamedPainting[];
  /** The network to go on from. */
  readonly from?: StyleModel | undefined;
  readonly settings: StyleSettings;
}

/** The learning rate at the end, as a share of the first. */
const lastRate = 0.02;
/** Steps in which the learning rate rises to its first value. */
const warmUp = 50;
/** What the last convolution's first weights are multiplied by. */
const firstContrast = 0.2;
/** The most styles that a validation shows a picture of. */
const mostPictures = 12;

/** Trains one network for some paintings. */
export class StyleTask extends StagedTask<StyleTaskOptions> {
  readonly kind = 'style';
  readonly fingerprint: string;
  readonly design: { readonly styles: readonly string[] };
  protected readonly stages: readonly TrainingStage[];
  private readonly network: ConditionalNetworkOptions;
  private readonly order: StyleOrder;
  private targets: PaintingTargets | undefined;
  private preview: Program | undefined;

  /**
   * @param runtimes share each batch
   * @throws StyleError `E_ARGUMENT` for paintings of one name, and for a network to go on from that is of another design
   */
  constructor(runtimes: readonly Runtime[], options: StyleTaskOptions) {
    const { settings, paintings, from } = options;
    const names = paintings.map(({ name }) => name);
    checkNames(names);
    contentWeights(settings, names.length);
    const network = networkOptions(settings, paintings.length);
    super(runtimes, options, new ParameterSet(conditionalNetworkShapes(network)));
    this.network = network;
    this.parameters.initialize(settings.seed);
    // A grey picture to begin with: strong colours at random are far from every painting.
    this.parameters.view('output.bias').fill(0.5);
    const last = this.parameters.view('output.weight');
    last.forEach((value, i) => (last[i] = firstContrast * value));
    if (from !== undefined) startFrom(this.parameters, names, network, from);
    else if (settings.only === 'styles') throw nothingToGoOnFrom();
    this.design = { styles: names };
    this.order = new StyleOrder(settings.seed, paintings.length, settings.batch);
    const { rate, steps } = settings;
    this.stages = [
      {
        steps,
        optimizer: () =>
          new Adam({ learningRate: warmedUp(cosineDecay(rate, lastRate * rate, steps), warmUp) }),
        graph: (pictures, parameters) => {
          const { terms } = styleLossTerms(pictures, parameters, this.lesson);
          const trained = Object.entries(parameters).filter(
            ([name]) => settings.only === 'all' || name === 'styles.offsets',
          );
          return { parameters: Object.fromEntries(trained), total: sumOfTerms(Object.values(terms)), terms };
        },
      },
    ];
    const { clipNorm: _, ...decisive } = settings;
    this.fingerprint = JSON.stringify({
      ...decisive,
      styles: names.join(','),
      paintings: paintings.map(({ image }) => sumOfValues(image.rgb).toPrecision(9)).join(','),
      ...(from === undefined ? {} : { from: sumOfValues(from.parameters['down1.weight']!).toPrecision(9) }),
    });
  }

  async encode(metadata: Readonly<Record<string, string>>): Promise<Uint8Array> {
    const values = await this.averaged();
    const { adjustable } = this.options.settings;
    return encodeStyleModel({
      options: this.network,
      styles: this.design.styles,
      knobs: adjustable ? knobNames : [],
      parameters: values.values(),
      metadata,
    });
  }

  override async dispose(): Promise<void> {
    await super.dispose();
    await this.preview?.dispose();
  }

  protected override async measure(): Promise<number> {
    if (this.targets !== undefined) return 0;
    const { network, paintings, settings } = this.options;
    const images = paintings.map(({ image }) => image);
    this.targets = await measurePaintings(this.runtimes[0]!, network, images, settings);
    return 0;
  }

  protected override measured(): NamedArrays {
    return targetArrays(this.known());
  }

  protected override restoreMeasured(array: (name: string) => FloatArray): void {
    this.targets = targetsFrom(array, this.options.paintings.length);
  }

  protected override constants(): Record<string, Float32Array> {
    return gramInputs(this.known());
  }

  protected validationTerms(pictures: Tensor, parameters: NamedTensors): NamedTensors {
    return styleLossTerms(pictures, parameters, this.lesson).terms;
  }

  protected override batchInputs(batch: number, pictures: Float32Array): InputValues {
    const { settings } = this.options;
    const knobs = Array.from({ length: settings.batch }, (_, picture) =>
      drawKnobs(settings.seed, batch * settings.batch + picture, this.network.knobs),
    );
    const first = batch * settings.batch;
    const exposed = withExposures(pictures, settings.batch, settings.seed, first);
    return { pictures: exposed, ...this.inputsOf(exposed, this.order.ofBatch(batch), knobs) };
  }

  /** The same pictures in each style. */
  protected override validationInputs(pictures: Float32Array): readonly InputValues[] {
    return this.options.paintings.map((_, style) => {
      const styles = new Array<number>(this.options.settings.batch).fill(style);
      return this.inputsOf(
        pictures,
        styles,
        styles.map(() => new Float32Array(this.network.knobs).fill(1)),
      );
    });
  }

  /** The first picture in each style. */
  protected override async validationPictures(
    values: ParameterSet,
    pictures: Float32Array,
  ): Promise<ValidationReport['pictures']> {
    const { size } = this.options.settings;
    const x = input('pictures', [1, 3, size, size]);
    const network = this.network;
    this.preview ??= await this.runtimes[0]!.compile({
      painted: conditionalNetwork(x, this.parameters.inputs(), conditionInputs(network, 1), network),
    });
    const shown: { caption: string; image: Image }[] = [];
    for (const [style, { name }] of this.options.paintings.slice(0, mostPictures).entries()) {
      const { painted } = await this.preview.run({
        pictures: pictures.slice(0, 3 * size * size),
        ...values.values(),
        ...this.conditionsOf([style], [new Float32Array(network.knobs).fill(1)]),
      });
      shown.push({ caption: name, image: createImage(size, size, clampUnit(painted!)) });
    }
    return shown;
  }

  private inputsOf(
    pictures: Float32Array,
    styles: readonly number[],
    knobs: readonly Float32Array[],
  ): InputValues {
    const { size } = this.options.settings;
    const { variations, wideVariations } = this.known();
    const plane = size * size;
    const small = size / blotchScale;
    const luma = new Float32Array(styles.length * plane);
    const chroma = new Float32Array(styles.length * plane);
    const blotches = new Float32Array(styles.length * small * small);
    styles.forEach((style, picture) => {
      const rgb = pictures.subarray(3 * plane * picture, 3 * plane * (picture + 1));
      const photograph = createImage(size, size, rgb);
      const weights = grainWeightsOf(flatness(photograph), variations[style]!);
      const plain = flatness(resizeImage(photograph, small, small)).map(
        (value) => value / wideVariations[style]!.chroma,
      );
      blotches.set(plain, small * small * picture);
      luma.set(weights.luma, plane * picture);
      chroma.set(weights.chroma, plane * picture);
    });
    const weights = { [lumaInput]: luma, [chromaInput]: chroma, [blotchInput]: blotches };
    return { ...weights, ...this.conditionsOf(styles, knobs) };
  }

  private conditionsOf(styles: readonly number[], knobs: readonly Float32Array[]): InputValues {
    const count = this.network.knobs;
    const rows = { [styleInputName]: this.order.rows(styles) };
    if (count === 0) return rows;
    const values = new Float32Array(knobs.length * count);
    knobs.forEach((row, picture) => values.set(row, picture * count));
    return { ...rows, [knobsInputName]: values };
  }

  private known(): PaintingTargets {
    if (this.targets !== undefined) return this.targets;
    throw new StyleError('E_STATE', 'The training has not begun.', 'Make a step or a validation first.');
  }

  private get lesson(): StyleLesson {
    const { network, settings } = this.options;
    return { network, settings, options: this.network };
  }
}

function checkNames(names: readonly string[]): void {
  const twice = names.find((name, index) => names.indexOf(name) !== index);
  if (twice === undefined) return;
  throw new StyleError(
    'E_ARGUMENT',
    `Two paintings are named "${twice}".`,
    'Rename the file of one of them: styles are chosen by name.',
    { option: 'paintings' },
  );
}

const nothingToGoOnFrom = (): StyleError =>
  new StyleError(
    'E_ARGUMENT',
    "There is no network whose styles' rows could be trained alone.",
    'Name the network to go on from, or train everything.',
    { option: 'only' },
  );

/**
 * Takes over the numbers of another network. A style of the same name keeps its row, a new one begins at the mean of all rows.
 * @throws StyleError `E_ARGUMENT` when it is of another form, width or number of blocks
 */
function startFrom(
  parameters: ParameterSet,
  names: readonly string[],
  network: ConditionalNetworkOptions,
  from: StyleModel,
): void {
  const { form, base, blocks } = network;
  const other = from.options;
  if (form !== other.form || base !== other.base || blocks !== other.blocks) {
    throw new StyleError(
      'E_ARGUMENT',
      `The network to go on from is of form ${other.form}, width ${other.base} and ${other.blocks} blocks, not ${form}, ${base} and ${blocks}.`,
      'Leave these options out, or give those of that network.',
      { option: 'from' },
    );
  }
  const rows = from.parameters['styles.offsets']!;
  const length = rows.length / from.styles.length;
  const mean = Float32Array.from({ length }, (_, i) => {
    let sum = 0;
    for (let row = 0; row < from.styles.length; row += 1) sum += rows[row * length + i]!;
    return sum / from.styles.length;
  });
  for (const name of Object.keys(parameters.shapes)) {
    const given = from.parameters[name];
    if (name === 'styles.offsets') {
      names.forEach((style, index) => {
        const row = from.styles.indexOf(style);
        const values = row < 0 ? mean : rows.subarray(row * length, (row + 1) * length);
        parameters.view(name).set(values, index * length);
      });
    } else if (given?.length === parameters.view(name).length) parameters.view(name).set(given);
  }
}
