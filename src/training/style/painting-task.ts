import { StyleError } from '../../errors.js';
import { input, type NamedTensors, type Shape, type Tensor } from '../../graph/index.js';
import { flatness } from '../../images/flatness.js';
import { createImage, type Image } from '../../images/image.js';
import { clampUnit, resizeImage } from '../../images/resize.js';
import { grainWeightsOf } from '../../losses/grain.js';
import { sumOfTerms } from '../../losses/sum-of-terms.js';
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
  type Painted,
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
}

/** What a network is to make of one picture. */
export interface PictureLesson {
  readonly target: PaintingTarget;
  readonly contentWeight: number;
  /** What it is told, by the names of the network's inputs. */
  readonly conditions: Readonly<Record<string, Float32Array>>;
}

/** The learning rate at the end, as a share of the first. */
const lastRate = 0.02;
/** Steps in which the learning rate rises to its first value. */
const warmUp = 50;

/**
 * Trains a network that repaints photographs after paintings: everything but which painting each picture is repainted after, and
 * what the network is told of it.
 */
export abstract class PaintingTask<Options extends PaintingTaskOptions> extends StagedTask<Options> {
  private preview: Program | undefined;

  /**
   * @param runtimes share each batch
   * @param shapes of the network's parameters
   */
  protected constructor(
    runtimes: readonly Runtime[],
    options: Options,
    shapes: Readonly<Record<string, Shape>>,
  ) {
    super(runtimes, options, new ParameterSet(shapes));
    this.parameters.initialize(options.settings.seed);
  }

  /** Steps by the loss of style and content. */
  protected paintingStage(steps: number): TrainingStage {
    const { rate } = this.options.settings;
    return {
      steps,
      optimizer: () =>
        new Adam({ learningRate: warmedUp(cosineDecay(rate, lastRate * rate, steps), warmUp) }),
      graph: (pictures, parameters) => {
        const terms = styleLossTerms(pictures, parameters, this.lesson());
        return { parameters: this.trained(parameters), total: sumOfTerms(Object.values(terms)), terms };
      },
    };
  }

  /** The parameters that are trained. */
  protected trained(parameters: NamedTensors): NamedTensors {
    return Object.fromEntries(Object.entries(parameters).filter(([name]) => this.isTrained(name)));
  }

  /** What the network makes of pictures, by what it is told of their paintings. */
  protected abstract paint(pictures: Tensor, parameters: NamedTensors): Painted;

  /** What becomes of a layer's distance; the distance itself unless given. */
  protected readonly distance: StyleLesson['distance'] | undefined;

  /** Whether a parameter is trained; the others stay as they are. */
  protected abstract isTrained(parameter: string): boolean;

  /** What to make of each picture of a training batch. */
  protected abstract lessons(batch: number): readonly PictureLesson[];

  /** What to make of each picture of the validation's batch, once for each time that it is judged. */
  protected abstract validationLessons(): readonly (readonly PictureLesson[])[];

  /** What is shown of the validation's first picture. */
  protected abstract shownLessons(): readonly { readonly caption: string; readonly lesson: PictureLesson }[];

  override async dispose(): Promise<void> {
    await super.dispose();
    await this.preview?.dispose();
  }

  protected validationTerms(pictures: Tensor, parameters: NamedTensors): NamedTensors {
    return styleLossTerms(pictures, parameters, this.lesson());
  }

  protected override batchInputs(batch: number, pictures: Float32Array): InputValues {
    const { settings } = this.options;
    const first = batch * settings.batch;
    const exposed = withExposures(pictures, settings.batch, settings.seed, first);
    return { pictures: exposed, ...this.inputsOf(exposed, this.lessons(batch)) };
  }

  protected override validationInputs(pictures: Float32Array): readonly InputValues[] {
    return this.validationLessons().map((lessons) => this.inputsOf(pictures, lessons));
  }

  protected override async validationPictures(
    values: ParameterSet,
    pictures: Float32Array,
  ): Promise<ValidationReport['pictures']> {
    const { size } = this.options.settings;
    const x = input('pictures', [1, 3, size, size]);
    const { painted: drawn } = this.paint(x, this.parameters.inputs());
    this.preview ??= await this.runtimes[0]!.compile({ painted: drawn });
    const shown: { caption: string; image: Image }[] = [];
    for (const { caption, lesson } of this.shownLessons()) {
      const { painted } = await this.preview.run({
        pictures: pictures.subarray(0, 3 * size * size),
        ...values.values(),
        ...lesson.conditions,
      });
      shown.push({ caption, image: createImage(size, size, clampUnit(painted!)) });
    }
    return shown;
  }

  private lesson(): StyleLesson {
    const { network, settings } = this.options;
    const { distance } = this;
    const paint: StyleLesson['paint'] = (pictures, parameters) => this.paint(pictures, parameters);
    return { network, settings, paint, ...(distance === undefined ? {} : { distance }) };
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

/** What was measured before the first step. @throws StyleError `E_STATE` before that */
export function known<Value>(value: Value | undefined): Value {
  if (value !== undefined) return value;
  throw new StyleError('E_STATE', 'The training has not begun.', 'Make a step or a validation first.');
}
