import { argumentError, StyleError } from '../../errors.js';
import { input, type NamedTensors, type Tensor } from '../../graph/index.js';
import type { ColorMoments } from '../../images/affine-colors.js';
import { carryColors } from '../../images/carried-colors.js';
import { flatness } from '../../images/flatness.js';
import { createImage, type Image } from '../../images/image.js';
import { clampUnit, resizeImage } from '../../images/resize.js';
import { grainWeightsOf } from '../../losses/grain.js';
import { sumOfTerms } from '../../losses/sum-of-terms.js';
import {
  conditionalNetwork,
  conditionalNetworkShapes,
  type ConditionalNetworkOptions,
} from '../../networks/conditional-network.js';
import { encodeStyleModel, type StyleModel } from '../../networks/style-model.js';
import type { VggWeights } from '../../networks/vgg-weights.js';
import { Adam } from '../../optimizers/adam.js';
import { cosineDecay, warmedUp } from '../../optimizers/learning-rate.js';
import type { InputValues, Program, Runtime } from '../../runtime/runtime.js';
import { ParameterSet } from '../parameter-set.js';
import { StagedTask, type StagedTaskOptions, type TrainingStage } from '../staged-task.js';
import type { TrainingSettings } from '../training.js';
import type { ValidationReport } from '../training-task.js';
import { withExposures } from './exposures.js';
import type { PaintingTarget } from './painting-targets.js';
import {
  blotchInput,
  blotchScale,
  chromaInput,
  contentWeightInput,
  gramInput,
  lumaInput,
  styleLossTerms,
  type StyleLesson,
  type StyleLossWeights,
} from './style-loss.js';
import { styleLayers } from './style-settings.js';

/** Settings of every network for paintings. */
export interface PaintingSettings extends TrainingSettings, StyleLossWeights {
  readonly rate: number;
  readonly clipNorm: number;
  readonly averageDecay: number;
}

export interface PaintingTaskOptions extends StagedTaskOptions {
  readonly network: VggWeights;
  readonly settings: PaintingSettings;
  /** The network to go on from. */
  readonly from?: StyleModel | undefined;
}

/** What a network is to make of one picture. */
export interface PictureLesson {
  readonly target: PaintingTarget;
  readonly contentWeight: number;
  /** The colours that the photograph gets before. */
  readonly colors?: ColorMoments;
  /** What it is told, by the names of the network's inputs. */
  readonly conditions: Readonly<Record<string, Float32Array>>;
}

/** The learning rate at the end, as a share of the first. */
const lastRate = 0.02;
/** Steps in which the learning rate rises to its first value. */
const warmUp = 50;
/** What the last convolution's first weights are multiplied by. */
const firstContrast = 0.2;

/**
 * Trains a network that repaints photographs after paintings: everything but which painting each picture is repainted after, and
 * what the network is told of it.
 */
export abstract class PaintingTask<Options extends PaintingTaskOptions> extends StagedTask<Options> {
  protected readonly stages: readonly TrainingStage[];
  private preview: Program | undefined;

  /**
   * @param runtimes share each batch
   * @throws StyleError `E_ARGUMENT` for a network to go on from that is of another design
   */
  protected constructor(
    runtimes: readonly Runtime[],
    options: Options,
    protected readonly network: ConditionalNetworkOptions,
  ) {
    super(runtimes, options, new ParameterSet(conditionalNetworkShapes(network)));
    const { settings, from } = options;
    this.parameters.initialize(settings.seed);
    // A grey picture to begin with: strong colours at random are far from every painting.
    this.parameters.view('output.bias').fill(0.5);
    const last = this.parameters.view('output.weight');
    last.forEach((value, i) => (last[i] = firstContrast * value));
    if (from !== undefined) this.startFrom(from);
    const { rate, steps } = settings;
    this.stages = [
      {
        steps,
        optimizer: () =>
          new Adam({ learningRate: warmedUp(cosineDecay(rate, lastRate * rate, steps), warmUp) }),
        graph: (pictures, parameters) => {
          const { terms } = styleLossTerms(pictures, parameters, this.lesson());
          const trained = Object.entries(parameters).filter(([name]) => this.isTrained(name));
          return { parameters: Object.fromEntries(trained), total: sumOfTerms(Object.values(terms)), terms };
        },
      },
    ];
  }

  /** The loss, but for how its terms are weighed and what it is measured with. */
  protected abstract lessonDesign(): Pick<StyleLesson, 'conditions' | 'distance'>;

  /** Whether a parameter is trained; the others stay as they are. */
  protected abstract isTrained(parameter: string): boolean;

  /** What to make of each picture of a training batch. */
  protected abstract lessons(batch: number): readonly PictureLesson[];

  /** What to make of each picture of the validation's batch, once for each time that it is judged. */
  protected abstract validationLessons(): readonly (readonly PictureLesson[])[];

  /** What is shown of the validation's first picture. */
  protected abstract shownLessons(): readonly { readonly caption: string; readonly lesson: PictureLesson }[];

  /** Takes the rows of scales and shifts over from another network. */
  protected abstract takeRows(from: StyleModel): void;

  /** The file's names of styles and knobs. */
  protected abstract names(): Pick<StyleModel, 'styles' | 'knobs'>;

  async encode(metadata: Readonly<Record<string, string>>): Promise<Uint8Array> {
    const values = await this.averaged();
    return encodeStyleModel({
      options: this.network,
      ...this.names(),
      parameters: values.values(),
      metadata,
    });
  }

  override async dispose(): Promise<void> {
    await super.dispose();
    await this.preview?.dispose();
  }

  protected validationTerms(pictures: Tensor, parameters: NamedTensors): NamedTensors {
    return styleLossTerms(pictures, parameters, this.lesson()).terms;
  }

  protected override batchInputs(batch: number, pictures: Float32Array): InputValues {
    const { settings } = this.options;
    const first = batch * settings.batch;
    return this.lessonInputs(
      withExposures(pictures, settings.batch, settings.seed, first),
      this.lessons(batch),
    );
  }

  protected override validationInputs(pictures: Float32Array): readonly InputValues[] {
    return this.validationLessons().map((lessons) => this.lessonInputs(pictures, lessons));
  }

  protected override async validationPictures(
    values: ParameterSet,
    pictures: Float32Array,
  ): Promise<ValidationReport['pictures']> {
    const { size } = this.options.settings;
    const x = input('pictures', [1, 3, size, size]);
    const { conditions } = this.lessonDesign();
    this.preview ??= await this.runtimes[0]!.compile({
      painted: conditionalNetwork(x, this.parameters.inputs(), conditions(1), this.network),
    });
    const shown: { caption: string; image: Image }[] = [];
    for (const { caption, lesson } of this.shownLessons()) {
      const { painted } = await this.preview.run({
        pictures: inColorsOf([lesson], pictures.subarray(0, 3 * size * size), size),
        ...values.values(),
        ...lesson.conditions,
      });
      shown.push({ caption, image: createImage(size, size, clampUnit(painted!)) });
    }
    return shown;
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

  private lesson(): StyleLesson {
    const { network, settings } = this.options;
    return { network, settings, options: this.network, ...this.lessonDesign() };
  }

  private lessonInputs(photographs: Float32Array, lessons: readonly PictureLesson[]): InputValues {
    const pictures = inColorsOf(lessons, photographs, this.options.settings.size);
    return { pictures, ...this.inputsOf(pictures, lessons) };
  }

  private inputsOf(pictures: Float32Array, lessons: readonly PictureLesson[]): InputValues {
    const { size } = this.options.settings;
    const plane = size * size;
    const small = size / blotchScale;
    const rows: Record<string, Float32Array>[] = lessons.map(({ target, contentWeight, conditions }, i) => {
      const rgb = pictures.subarray(3 * plane * i, 3 * plane * (i + 1));
      const photograph = createImage(size, size, rgb);
      const { luma, chroma } = grainWeightsOf(flatness(photograph), target.variation);
      const plain = flatness(resizeImage(photograph, small, small));
      const grams = styleLayers.map((layer) => [gramInput(layer), target.grams[layer]!] as const);
      return {
        [lumaInput]: luma,
        [chromaInput]: chroma,
        [blotchInput]: plain.map((value) => value / target.wideVariation.chroma),
        [contentWeightInput]: Float32Array.of(contentWeight),
        ...Object.fromEntries(grams),
        ...conditions,
      };
    });
    return Object.fromEntries(
      Object.entries(rows[0]!).map(([name, { length }]) => {
        const joined = new Float32Array(rows.length * length);
        rows.forEach((row, i) => joined.set(row[name]!, i * length));
        return [name, joined];
      }),
    );
  }
}

/** Photographs, each with the colours that its lesson gives it. */
function inColorsOf(
  lessons: readonly PictureLesson[],
  photographs: Float32Array,
  size: number,
): Float32Array {
  const pictures = photographs.slice();
  lessons.forEach(({ colors }, index) => {
    if (colors === undefined) return;
    const place = pictures.subarray(3 * size * size * index, 3 * size * size * (index + 1));
    place.set(carryColors(createImage(size, size, place), colors).rgb);
  });
  return pictures;
}

/** What was measured before the first step. @throws StyleError `E_STATE` before that */
export function known<Value>(value: Value | undefined): Value {
  if (value !== undefined) return value;
  throw new StyleError('E_STATE', 'The training has not begun.', 'Make a step or a validation first.');
}
