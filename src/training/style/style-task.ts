import { argumentError, type StyleError } from '../../errors.js';
import type { Image } from '../../images/image.js';
import { shrinkImage } from '../../images/resize.js';
import { conditionInputs, knobsInputName, styleInputName } from '../../networks/conditional-network.js';
import type { StyleModel } from '../../networks/style-model.js';
import type { FloatArray } from '../../optimizers/optimizer.js';
import type { Runtime } from '../../runtime/runtime.js';
import { sumOfValues, type NamedArrays } from '../staged-task.js';
import { drawKnobs, StyleOrder } from './drawn-conditions.js';
import { ProgramCache } from '../../runtime/program-cache.js';
import { measurePainting, targetArrays, targetsFrom, type PaintingTarget } from './painting-targets.js';
import { known, PaintingTask, type PaintingTaskOptions, type PictureLesson } from './painting-task.js';
import type { StyleLesson } from './style-loss.js';
import { contentWeights, knobNames, networkOptions, type StyleSettings } from './style-settings.js';

/** A painting with the name that its style gets. */
export interface NamedPainting {
  readonly name: string;
  readonly image: Image;
}

export interface StyleTaskOptions extends PaintingTaskOptions {
  readonly paintings: readonly NamedPainting[];
  readonly settings: StyleSettings;
}

/** The most styles that a validation shows a picture of. */
const mostPictures = 12;

/** Trains one network for some paintings. */
export class StyleTask extends PaintingTask<StyleTaskOptions> {
  readonly kind = 'style';
  readonly fingerprint: string;
  readonly design: { readonly styles: readonly string[] };
  private readonly order: StyleOrder;
  private readonly contentWeights: readonly number[];
  private targets: readonly PaintingTarget[] | undefined;

  /**
   * @param runtimes share each batch
   * @throws StyleError `E_ARGUMENT` for paintings of one name, and for a network to go on from that is of another design
   */
  constructor(runtimes: readonly Runtime[], options: StyleTaskOptions) {
    const { settings, paintings, from } = options;
    const names = paintings.map(({ name }) => name);
    checkNames(names);
    if (from === undefined && settings.only === 'styles') throw nothingToGoOnFrom();
    super(runtimes, options, networkOptions(settings, paintings.length));
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

  protected lessonDesign(): Pick<StyleLesson, 'conditions'> {
    return { conditions: (pictures) => conditionInputs(this.network, pictures) };
  }

  protected isTrained(parameter: string): boolean {
    return this.options.settings.only === 'all' || parameter === 'styles.offsets';
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

  protected names(): Pick<StyleModel, 'styles' | 'knobs'> {
    return { styles: this.design.styles, knobs: this.options.settings.adjustable ? knobNames : [] };
  }

  /** A style of the same name keeps its row, a new one begins at the mean of all rows. */
  protected takeRows(from: StyleModel): void {
    const rows = from.parameters['styles.offsets']!;
    const count = Math.max(1, from.styles.length);
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

/** The mean of a table's rows. */
export function meanRow(rows: Float32Array, count: number): Float32Array {
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
    "There is no network whose styles' rows could be trained alone.",
    'Name the network to go on from, or train everything.',
  );
