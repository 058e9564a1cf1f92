import { argumentError } from '../../errors.js';
import { input, type NamedTensors, type Tensor } from '../../graph/index.js';
import { createImage, type Image } from '../../images/image.js';
import { clampUnit, resizeImage } from '../../images/resize.js';
import { sumOfTerms } from '../../losses/sum-of-terms.js';
import { encodeEnlargingModel, type EnlargingModel } from '../../networks/enlarging-model.js';
import { enlargingNetworkShapes, initialGain } from '../../networks/enlarging-network.js';
import type { VggWeights } from '../../networks/vgg-weights.js';
import { Adam } from '../../optimizers/adam.js';
import { cosineDecay } from '../../optimizers/learning-rate.js';
import type { InputValues, Program, Runtime } from '../../runtime/runtime.js';
import { ParameterSet } from '../parameter-set.js';
import { StagedTask, sumOfValues, type StagedTaskOptions, type TrainingStage } from '../staged-task.js';
import type { ValidationReport } from '../training-task.js';
import { smallCrops } from './small-crops.js';
import { enlargedCrops, signalToNoise, smallInput, superResolutionTerms } from './super-resolution-loss.js';
import { enlargingOptions, type SuperResolutionSettings } from './super-resolution-settings.js';

export interface SuperResolutionTaskOptions extends StagedTaskOptions {
  /** Where features are compared. */
  readonly network: VggWeights;
  /** The model to go on from. */
  readonly from?: EnlargingModel | undefined;
  readonly settings: SuperResolutionSettings;
}

/** The learning rate at the end, as a share of the first. */
const lastRate = 0.01;
/** What the last convolution's first weights are multiplied by: the bilinearly enlarged picture to begin with. */
const firstDetail = 0.1;

/** Trains a network that enlarges pictures: crops are the targets, and made small what goes in. */
export class SuperResolutionTask extends StagedTask<SuperResolutionTaskOptions> {
  readonly kind = 'super-resolution';
  readonly fingerprint: string;
  readonly design: { readonly parameters: readonly number[] };
  protected readonly stages: readonly TrainingStage[];
  protected override readonly figures = ['psnr'];
  private preview: Program | undefined;

  /**
   * @param runtimes share each batch
   * @throws StyleError `E_ARGUMENT` for a model to go on from that is of another design
   */
  constructor(runtimes: readonly Runtime[], options: SuperResolutionTaskOptions) {
    const { settings, from, network } = options;
    super(runtimes, options, new ParameterSet(enlargingNetworkShapes(enlargingOptions(settings))));
    if (from === undefined) initialize(this.parameters, settings.seed);
    else startFrom(this.parameters, settings, from);
    this.design = { parameters: [this.parameters.flat.length] };
    const { rate, steps } = settings;
    this.stages = [
      {
        steps,
        optimizer: () => new Adam({ learningRate: cosineDecay(rate, lastRate * rate, steps) }),
        graph: (pictures, parameters) => {
          const enlarged = enlargedCrops(pictures, parameters, settings);
          const terms = superResolutionTerms(pictures, enlarged, network, settings);
          return { parameters, total: sumOfTerms(Object.values(terms)), terms };
        },
      },
    ];
    const { clipNorm: _, ...decisive } = settings;
    this.fingerprint = JSON.stringify({
      ...decisive,
      ...(settings.loss === 'feature' ? { network: network.source.name } : {}),
      ...(from === undefined ? {} : { from: sumOfValues(from.parameters['first.weight']!).toPrecision(9) }),
    });
  }

  async encode(metadata: Readonly<Record<string, string>>): Promise<Uint8Array> {
    const parameters = (await this.averaged()).values();
    return encodeEnlargingModel({ options: enlargingOptions(this.options.settings), parameters, metadata });
  }

  override async dispose(): Promise<void> {
    await super.dispose();
    await this.preview?.dispose();
  }

  protected validationTerms(pictures: Tensor, parameters: NamedTensors): NamedTensors {
    const { network, settings } = this.options;
    const enlarged = enlargedCrops(pictures, parameters, settings);
    const terms = superResolutionTerms(pictures, enlarged, network, settings);
    return { ...terms, psnr: signalToNoise(pictures, enlarged) };
  }

  protected override batchInputs(_batch: number, pictures: Float32Array): InputValues {
    return this.smallPictures(pictures);
  }

  protected override validationInputs(pictures: Float32Array): readonly InputValues[] {
    return [this.smallPictures(pictures)];
  }

  /** The first picture as it is found again, bicubically enlarged, and as it was. */
  protected override async validationPictures(
    values: ParameterSet,
    pictures: Float32Array,
  ): Promise<ValidationReport['pictures']> {
    const { settings } = this.options;
    const { size, factor } = settings;
    const original = pictures.slice(0, 3 * size * size);
    const inputs = this.smallPictures(original);
    const crop = input('pictures', [1, 3, size, size]);
    this.preview ??= await this.runtimes[0]!.compile({
      enlarged: enlargedCrops(crop, this.parameters.inputs(), settings),
    });
    const { enlarged } = await this.preview.run({ ...inputs, ...values.values() });
    const small = createImage(size / factor, size / factor, inputs[smallInput] as Float32Array);
    const shown = (caption: string, image: Image): { caption: string; image: Image } => ({ caption, image });
    return [
      shown('enlarged', createImage(size, size, clampUnit(enlarged!))),
      shown('bicubic', resizeImage(small, size, size, 'bicubic')),
      shown('original', createImage(size, size, original)),
    ];
  }

  private smallPictures(pictures: Float32Array): InputValues {
    const { size, factor, blur } = this.options.settings;
    return { [smallInput]: smallCrops(pictures, size, factor, blur) };
  }
}

/** Kernels that keep the size of what they are given, and a last one that adds little. */
function initialize(parameters: ParameterSet, seed: number): void {
  parameters.initialize(seed);
  for (const name of Object.keys(parameters.shapes)) {
    const gain = name.endsWith('.bias')
      ? 0
      : name === 'last.weight'
        ? firstDetail * initialGain
        : initialGain;
    const view = parameters.view(name);
    view.forEach((value, i) => (view[i] = gain * value));
  }
}

/** @throws StyleError `E_ARGUMENT` when the model is of another design */
function startFrom(parameters: ParameterSet, settings: SuperResolutionSettings, from: EnlargingModel): void {
  const { factor, width, layers } = from.options;
  if (factor !== settings.factor || width !== settings.width || layers !== settings.layers) {
    throw argumentError(
      'from',
      `The network to go on from has factor ${factor}, width ${width} and ${layers} layers, not ${settings.factor}, ${settings.width} and ${settings.layers}.`,
      'Give these options as that network has them.',
    );
  }
  parameters.assign(from.parameters);
}
