import { add, input, log, multiply } from '../../graph/index.js';
import { createImage, type Image } from '../../images/image.js';
import {
  codeLength,
  codeOfMoments,
  colorMomentsOf,
  paintingColors,
  styleMoments,
} from '../../networks/style-code.js';
import type { StyleModel } from '../../networks/style-model.js';
import { createRandom } from '../../random.js';
import { ProgramCache } from '../../runtime/program-cache.js';
import { runOnce, type Runtime } from '../../runtime/runtime.js';
import { sumOfValues, type NamedArrays } from '../staged-task.js';
import { measurePainting } from '../style/painting-targets.js';
import { known, PaintingTask, type PaintingTaskOptions, type PictureLesson } from '../style/painting-task.js';
import type { StyleLesson } from '../style/style-loss.js';
import { meanRow } from '../style/style-task.js';
import type { PictureCollection, PictureFile } from '../training.js';
import type { AnyStyleSettings } from './any-style-settings.js';
import { paintingVariant, wholePainting } from './painting-variants.js';
import { StyleBank, type BankedStyle } from './style-bank.js';

export interface AnyStyleTaskOptions extends PaintingTaskOptions {
  readonly paintings: PictureCollection;
  readonly settings: AnyStyleSettings;
}

/** As many as there are shapes of variants. */
const keptPrograms = 8;
/** A use of random numbers beside those of the bank. */
const variantPurpose = 7;
/** Crops of photographs that are learnt as styles, against paintings with their variants: what leaves a photograph as it is. */
const photographShare = 0.1;
/** Batches that a validation judges, each with other held-out paintings; and paintings that it shows a picture of. */
const validationBatches = 4;
const mostPictures = 8;
/** The least deviation of a code's number that it is divided by. */
const leastDeviation = 0.1;
/** The input that codes come from. */
const momentsInput = 'moments';
/** What tells a painting's colours. */
const colorsOutput = 'colors';

/**
 * Trains a network that repaints photographs after the code of any painting. Paintings are measured once, before the first step: their
 * Gram matrices as wholes, not those of crops, are what is learnt, and the code of the whole is what the network is told later.
 */
export class AnyStyleTask extends PaintingTask<AnyStyleTaskOptions> {
  readonly kind = 'any-style';
  readonly fingerprint: string;
  readonly design: { readonly code: readonly number[] };
  private bank: StyleBank | undefined;
  private heldOut: readonly { readonly name: string; readonly style: BankedStyle }[] | undefined;
  /** Whether the scale of codes is known already, from a checkpoint or the network that this goes on from. */
  private isScaled: boolean;

  /**
   * @param runtimes share each batch
   * @throws StyleError `E_ARGUMENT` for a network to go on from that is of another design; `E_LAYER` for a loss network without the
   * layers of a code
   */
  constructor(runtimes: readonly Runtime[], options: AnyStyleTaskOptions) {
    const { settings, network, from, paintings } = options;
    const { form, width, blocks } = settings;
    const code = codeLength(network);
    super(runtimes, options, { form, base: width, blocks, styles: 0, knobs: 0, code });
    this.design = { code: [code] };
    this.isScaled = from?.options.code === code;
    const { clipNorm: _, ...decisive } = settings;
    this.fingerprint = JSON.stringify({
      ...decisive,
      paintings: [paintings.training, paintings.heldOut].map((files) => files.map(({ name }) => name)),
      ...(from === undefined ? {} : { from: sumOfValues(from.parameters['down1.weight']!).toPrecision(9) }),
    });
  }

  protected override async measure(): Promise<number> {
    if (this.bank !== undefined) return 0;
    const { settings, paintings } = this.options;
    const { seed, variants, styleSize } = settings;
    this.heldOut = await this.measureAll(
      paintings.heldOut.slice(0, validationBatches * settings.batch),
      1,
      (painting) => wholePainting(painting, styleSize),
    );
    const painted = await this.measureAll(paintings.training, variants, (painting, index, variant) => {
      if (variant === 0) return wholePainting(painting, styleSize);
      const random = createRandom(seed, variantPurpose, index, variant);
      const other = Math.floor(random.uniform() * paintings.training.length);
      return paintingVariant(painting, styleSize, random, () => paintings.training[other]!.read());
    });
    const photographed = await this.measurePhotographs(photographShare * painted.length);
    const styles = [...painted.map(({ style }) => style), ...photographed];
    this.bank = new StyleBank(styles, seed);
    if (!this.isScaled) await this.scaleCodes(styles);
    this.isScaled = true;
    return 0;
  }

  /** Nothing: paintings are measured again where a training is resumed, to the same numbers. */
  protected override measured(): NamedArrays {
    return {};
  }

  protected override restoreMeasured(): void {
    this.isScaled = true;
  }

  protected lessonDesign(): Pick<StyleLesson, 'conditions' | 'distance'> {
    const length = codeLength(this.options.network);
    return {
      conditions: (pictures) => ({ code: codeOfMoments(input(momentsInput, [pictures, length])) }),
      // So that loud paintings, whose distances are large, don't rule.
      distance: (relative) => multiply(log(add(multiply(relative, 4), 1)), 1 / 4),
    };
  }

  protected isTrained(parameter: string): boolean {
    return !parameter.startsWith('code.input.');
  }

  protected lessons(batch: number): readonly PictureLesson[] {
    const { batch: count } = this.options.settings;
    const bank = known(this.bank);
    return Array.from({ length: count }, (_, picture) => this.lessonOf(bank.at(batch * count + picture)));
  }

  protected validationLessons(): readonly (readonly PictureLesson[])[] {
    const { batch } = this.options.settings;
    const heldOut = known(this.heldOut);
    return Array.from({ length: validationBatches }, (_, judged) =>
      Array.from({ length: batch }, (__, picture) =>
        this.lessonOf(heldOut[(judged * batch + picture) % heldOut.length]!.style),
      ),
    );
  }

  protected shownLessons(): readonly { caption: string; lesson: PictureLesson }[] {
    return known(this.heldOut)
      .slice(0, mostPictures)
      .map(({ name, style }) => ({ caption: name, lesson: this.lessonOf(style) }));
  }

  protected names(): Pick<StyleModel, 'styles' | 'knobs'> {
    return { styles: [], knobs: [] };
  }

  /** The row that codes build on begins at the mean of all rows. */
  protected takeRows(from: StyleModel): void {
    const rows = from.parameters['styles.offsets']!;
    this.parameters.view('styles.offsets').set(meanRow(rows, Math.max(1, from.styles.length)));
  }

  private lessonOf({ target, moments, colors }: BankedStyle): PictureLesson {
    const { contentWeight } = this.options.settings;
    return {
      target,
      contentWeight,
      colors: colorMomentsOf(colors),
      conditions: { [momentsInput]: moments },
    };
  }

  /** Measures what each painting is seen as; all runtimes share the files. */
  private async measureAll(
    files: readonly PictureFile[],
    variants: number,
    seenAs: (painting: Image, index: number, variant: number) => Image | Promise<Image>,
  ): Promise<{ readonly name: string; readonly style: BankedStyle }[]> {
    const measured: { name: string; style: BankedStyle }[][] = [];
    let next = 0;
    const work = async (programs: ProgramCache): Promise<void> => {
      while (next < files.length) {
        const index = next++;
        this.options.signal?.throwIfAborted();
        const { name, read } = files[index]!;
        const painting = await read();
        const styles: { name: string; style: BankedStyle }[] = [];
        for (let variant = 0; variant < variants; variant += 1) {
          const image = await seenAs(painting, index, variant);
          styles.push({ name, style: await this.measureOne(programs, image) });
        }
        measured[index] = styles;
      }
    };
    await withPrograms(this.runtimes, (programs) => Promise.all(programs.map(work)));
    return measured.flat();
  }

  /** The first crops of the training pictures, wherever the training goes on from. */
  private async measurePhotographs(count: number): Promise<BankedStyle[]> {
    const { batch, size } = this.options.settings;
    const source = await this.options.open(0);
    const styles: BankedStyle[] = [];
    try {
      await withPrograms(this.runtimes.slice(0, 1), async ([programs]) => {
        while (styles.length < count) {
          this.options.signal?.throwIfAborted();
          const { values } = await source.next();
          const plane = 3 * size * size;
          for (let picture = 0; picture < batch; picture += 1) {
            const crop = createImage(size, size, values.slice(picture * plane, (picture + 1) * plane));
            styles.push(await this.measureOne(programs!, crop));
          }
        }
      });
    } finally {
      await source.close();
    }
    return styles;
  }

  private async measureOne(programs: ProgramCache, painting: Image): Promise<BankedStyle> {
    const { network } = this.options;
    const { target, measured } = await measurePainting(programs, network, painting, (x) => ({
      [momentsInput]: styleMoments(x, network),
      [colorsOutput]: paintingColors(x),
    }));
    return { target, moments: measured[momentsInput]!, colors: measured[colorsOutput]! };
  }

  /** Brings each number of the codes to mean 0 and deviation 1 over the paintings. */
  private async scaleCodes(styles: readonly BankedStyle[]): Promise<void> {
    const length = codeLength(this.options.network);
    const moments = new Float32Array(styles.length * length);
    styles.forEach((style, index) => moments.set(style.moments, index * length));
    const codes = codeOfMoments(input(momentsInput, [styles.length, length]));
    const { values } = await runOnce(this.runtimes[0]!, { values: codes }, { [momentsInput]: moments });
    const scale = this.parameters.view('code.input.scale');
    const shift = this.parameters.view('code.input.shift');
    for (let i = 0; i < length; i += 1) {
      let [sum, squares] = [0, 0];
      for (let style = 0; style < styles.length; style += 1) {
        const value = values![style * length + i]!;
        sum += value;
        squares += value * value;
      }
      const mean = sum / styles.length;
      const deviation = Math.sqrt(Math.max(0, squares / styles.length - mean * mean));
      scale[i] = 1 / Math.max(leastDeviation, deviation);
      shift[i] = -mean * scale[i]!;
    }
  }
}

/** Programs of each runtime, which are kept for paintings of the same size until all are measured. */
async function withPrograms(
  runtimes: readonly Runtime[],
  measure: (programs: readonly ProgramCache[]) => Promise<unknown>,
): Promise<void> {
  const caches = runtimes.map((runtime) => new ProgramCache(runtime));
  for (const cache of caches) cache.keep(keptPrograms);
  try {
    await measure(caches);
  } finally {
    for (const cache of caches) await cache.dispose();
  }
}
