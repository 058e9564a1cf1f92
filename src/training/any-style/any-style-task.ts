import { add, constant, input, log, multiply, type NamedTensors, type Tensor } from '../../graph/index.js';
import { argumentError } from '../../errors.js';
import { createImage, type Image } from '../../images/image.js';
import {
  decoderCode,
  encodeStyleDecoderModel,
  type StyleDecoderModel,
} from '../../networks/style-decoder-model.js';
import {
  codeLength,
  encoderValues,
  encoderShapes,
  reconstructionErrors,
  styleCode,
  styleDecoder,
  styleDecoderOptions,
  styleDecoderShapes,
  type StyleDecoderOptions,
} from '../../networks/style-decoder.js';
import { createRandom } from '../../random.js';
import { ProgramCache } from '../../runtime/program-cache.js';
import type { Runtime } from '../../runtime/runtime.js';
import { sumOfTerms } from '../../losses/sum-of-terms.js';
import { Adam } from '../../optimizers/adam.js';
import { cosineDecay } from '../../optimizers/learning-rate.js';
import { sumOfValues, type NamedArrays, type TrainingStage } from '../staged-task.js';
import { measurePainting } from '../style/painting-targets.js';
import { known, PaintingTask, type PaintingTaskOptions, type PictureLesson } from '../style/painting-task.js';
import type { Painted } from '../style/style-loss.js';
import type { PictureCollection, PictureFile } from '../training.js';
import type { AnyStyleSettings } from './any-style-settings.js';
import { paintingVariant, wholePainting } from './painting-variants.js';
import { StyleBank, type BankedStyle } from './style-bank.js';

export interface AnyStyleTaskOptions extends PaintingTaskOptions {
  readonly paintings: PictureCollection;
  readonly settings: AnyStyleSettings;
  /** The network to go on from. */
  readonly from?: StyleDecoderModel | undefined;
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
/** Whether a parameter takes part in the reconstruction. */
const isReconstructed = (name: string): boolean => !/residual|share|detail/.test(name);
/** How much of a decoded map goes on to begin with. */
const firstShare = 0.5;
/** What the last convolution's first weights are multiplied by. */
const firstContrast = 0.02;
/** The learning rate of the reconstruction, and that at its end. */
const reconstructionRates = [3e-3, 1e-3] as const;

/**
 * Trains a network that repaints photographs after the code of any painting. Paintings are measured once, before the first step: their
 * Gram matrices as wholes, not those of crops, are what is learnt, and the code of the whole is what the network is told later.
 */
export class AnyStyleTask extends PaintingTask<AnyStyleTaskOptions> {
  readonly kind = 'any-style';
  readonly fingerprint: string;
  readonly design: { readonly channels: readonly number[] };
  protected readonly stages: readonly TrainingStage[];
  private readonly decoder: StyleDecoderOptions;
  private bank: StyleBank | undefined;
  private heldOut: readonly { readonly name: string; readonly style: BankedStyle }[] | undefined;

  /**
   * @param runtimes share each batch
   * @throws StyleError `E_ARGUMENT` for a network to go on from that is of another design; `E_LAYER` for a loss network without the
   * layers of a code
   */
  constructor(runtimes: readonly Runtime[], options: AnyStyleTaskOptions) {
    const { settings, network, from, paintings } = options;
    const decoder = styleDecoderOptions(network, settings.blocks);
    super(runtimes, options, styleDecoderShapes(decoder));
    this.decoder = decoder;
    this.design = { channels: decoder.channels };
    this.initialize(from);
    const { steps, reconstructionSteps } = settings;
    const before = Math.min(reconstructionSteps, steps - 1);
    this.stages = [
      ...(before > 0 ? [this.reconstructionStage(before)] : []),
      this.paintingStage(steps - before),
    ];
    const { clipNorm: _, ...decisive } = settings;
    this.fingerprint = JSON.stringify({
      ...decisive,
      paintings: [paintings.training, paintings.heldOut].map((files) => files.map(({ name }) => name)),
      ...(from === undefined
        ? {}
        : { from: sumOfValues(from.parameters['level1.output.weight']!).toPrecision(9) }),
    });
  }

  async encode(metadata: Readonly<Record<string, string>>): Promise<Uint8Array> {
    const parameters = (await this.averaged()).values();
    return encodeStyleDecoderModel({ options: this.decoder, parameters, metadata });
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
    return 0;
  }

  /** Nothing: paintings are measured again where a training is resumed, to the same numbers. */
  protected override measured(): NamedArrays {
    return {};
  }

  // So that loud paintings, whose distances are large, don't rule.
  protected override readonly distance = (relative: Tensor): Tensor =>
    multiply(log(add(multiply(relative, 4), 1)), 1 / 4);

  protected paint(pictures: Tensor, parameters: NamedTensors): Painted {
    const code = input(decoderCode, [pictures.shape[0]!, codeLength(this.decoder)]);
    return { painted: styleDecoder(pictures, parameters, code, this.decoder) };
  }

  protected isTrained(parameter: string): boolean {
    return !(parameter in encoderShapes(this.decoder));
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

  /** What the decoder is to lead the encoder's maps back to, before any style. */
  private reconstructionStage(steps: number): TrainingStage {
    const [first, last] = reconstructionRates;
    return {
      steps,
      optimizer: () => new Adam({ learningRate: cosineDecay(first, last, steps) }),
      graph: (pictures, parameters) => {
        const terms = reconstructionErrors(pictures, parameters, this.decoder);
        // What is trained later alone has no gradient here.
        const used = Object.entries(this.trained(parameters)).filter(([name]) => isReconstructed(name));
        return { parameters: Object.fromEntries(used), total: sumOfTerms(Object.values(terms)), terms };
      },
    };
  }

  /** @throws StyleError `E_ARGUMENT` when the network to go on from is of another design */
  private initialize(from: StyleDecoderModel | undefined): void {
    if (from !== undefined) {
      checkDesign(this.decoder, from.options);
      this.parameters.assign(from.parameters);
      return;
    }
    const encoder = encoderValues(this.options.network);
    for (const [name, values] of Object.entries(encoder)) this.parameters.view(name).set(values);
    for (const name of Object.keys(this.parameters.shapes)) {
      if (name.endsWith('.share')) this.parameters.view(name).fill(firstShare);
      // A grey picture to begin with: the features are large.
      if (name === 'level1.output.weight') {
        const view = this.parameters.view(name);
        view.forEach((value, i) => (view[i] = firstContrast * value));
      }
      if (name === 'level1.output.bias') this.parameters.view(name).fill(0.5);
      // Blocks and details add nothing to begin with.
      if (/residual\d+\.second|detail/.test(name)) this.parameters.view(name).fill(0);
    }
  }

  private encoder(): NamedTensors {
    const shapes = Object.entries(encoderShapes(this.decoder));
    return Object.fromEntries(
      shapes.map(([name, shape]) => [name, constant(this.parameters.view(name), shape, name)]),
    );
  }

  private lessonOf({ target, code }: BankedStyle): PictureLesson {
    const { contentWeight } = this.options.settings;
    return { target, contentWeight, conditions: { [decoderCode]: code } };
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
      [decoderCode]: styleCode(x, this.encoder(), this.decoder),
    }));
    return { target, code: measured[decoderCode]! };
  }
}

function checkDesign(design: StyleDecoderOptions, from: StyleDecoderOptions): void {
  const [wanted, given] = [design, from].map(
    ({ channels, blocks }) => `${channels.join(', ')} channels and ${blocks} blocks`,
  );
  if (wanted === given) return;
  throw argumentError(
    'from',
    `The network to go on from has ${given}, not ${wanted}.`,
    'Give the blocks and the loss network that it was trained with.',
  );
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
