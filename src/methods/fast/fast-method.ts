import { estimateCost, input, type NamedTensors } from '../../graph/index.js';
import { createImage, type Image, type Size } from '../../images/image.js';
import { fitLongSide, resizeImage, withinLongSide } from '../../images/resize.js';
import type { AnyStyleModel } from '../../networks/any-style-model.js';
import { throwIfAborted } from '../../abort.js';
import { runOnce, type Runtime } from '../../runtime/runtime.js';
import { factNumber } from '../facts.js';
import type { Method, MethodTask, PictureOutcome } from '../method.js';
import { noOptimizer, optimizationMemory, picturesMemory, resultMemory } from '../optimization/memory.js';
import { ColorAndMaskComposer, keepColors } from '../stylize/color-preservation.js';
import { gramStylization, type StylizePictures } from '../stylize/gram-method.js';
import { blendWeights } from '../stylize/options.js';
import { isRegionName } from '../stylize/regions.js';
import { activationsFactor, paintedAsWhole, seenSize } from '../whole-picture.js';
import { fastOptionsSchema, resolveFastSettings, type FastOptions, type FastSettings } from './options.js';
import { codeRegions } from './code-regions.js';

/** The pictures of a stylisation but the one to start from. */
export type FastPictures = Omit<StylizePictures, 'initial'>;

type FastTask = MethodTask<FastSettings, FastPictures, AnyStyleModel>;

/** Repaints after any painting, in one pass of a network that takes the painting's code. */
export const fastStylization: Method<FastOptions, FastSettings, FastPictures, PictureOutcome, AnyStyleModel> =
  {
    name: 'fast',
    description: 'repaint a photograph after any painting in one pass',
    roles: [
      // There is nothing to start from, and a painting is seen as a whole.
      ...gramStylization.roles.filter(({ name }) => name !== 'initial' && name !== 'styleMasks'),
      {
        name: 'styleMasks',
        description: 'the colour of the region that a painting is for, or all; one for each painting',
        several: true,
        optional: true,
        isWord: isRegionName,
        words: 'colour',
      },
    ],
    options: fastOptionsSchema,
    networkKind: () => 'any-style-model',
    examples: [
      { pictures: { content: 'photo.jpg', styles: ['painting.jpg'] }, output: 'out.png' },
      {
        pictures: { content: 'photo.jpg', styles: ['painting.jpg'] },
        output: 'out.png',
        options: { model: 'magenta', strength: 0.7 },
      },
    ],
    output: { kind: 'picture' },
    resolve: resolveFastSettings,
    network: ({ model }) => model,
    plan({ settings, pictures }, model) {
      const size = resultSize(pictures.content, settings);
      const cost = estimateCost(paintGraph(model!, seenSize(size)));
      const peakBytes = activationsFactor * cost.peakBytes;
      const memoryBytes =
        picturesMemory({ ...pictures }) +
        Math.max(optimizationMemory({ ...cost, peakBytes }, noOptimizer, size), resultMemory(size));
      return { ...size, scales: [], memoryBytes, operations: cost.operations };
    },
    // A painting is looked at no larger than the largest network reads it.
    longestSide: ({ size }, role) => (role === 'styles' ? 1024 : role === 'content' ? size : undefined),
    resized: (settings, size) => ({ ...settings, size }),
    terms: () => [],
    run: paintFast,
    describe: ({ model, strength, styleBlend, preserveColors }, names) => ({
      title: `${names['content']!.join(', ')} after ${names['styles']!.join(', ')}, in one pass`,
      before: 'content',
      facts: [
        ['Model', model],
        ['Strength', factNumber(strength)],
        ...(styleBlend === undefined ? [] : [['Blend', styleBlend.join(', ')] as const]),
        ...(preserveColors === 'none' ? [] : [['Colours', `the photograph's (${preserveColors})`] as const]),
      ],
    }),
  };

const resultSize = ({ width, height }: Size, { size }: FastSettings): Size =>
  size === undefined ? { width, height } : fitLongSide(width, height, size);

async function paintFast(task: FastTask): Promise<PictureOutcome> {
  const { settings, pictures, weights: model, runtime, memory, signal } = task;
  const { width, height } = resultSize(pictures.content, settings);
  const photograph = resizeImage(pictures.content, width, height);
  const composer = new ColorAndMaskComposer({ ...pictures, content: photograph }, settings, photograph);
  const regions = codeRegions(
    pictures,
    blendWeights(settings.styleBlend, pictures.styles.length),
    photograph,
  );
  const { content, styles } = keepColors({ content: photograph, styles: pictures.styles }, settings);
  const codeOf = (picture: Image): Promise<Float32Array> =>
    memory.get(picture, `code of ${model.name}`, () => readCode(runtime, model, picture));
  const codes: Float32Array[] = [];
  for (const style of styles) codes.push(await codeOf(style));
  const ofPhotograph = settings.strength < 1 ? await codeOf(content) : undefined;
  throwIfAborted(signal);
  const sum = new Float32Array(3 * width * height);
  for (const { parts, weights } of regions) {
    let code = blended(codes, weights);
    if (ofPhotograph !== undefined) {
      code = blended([ofPhotograph, code], [1 - settings.strength, settings.strength]);
    }
    const { rgb } = await paintWhole(task, content, code);
    throwIfAborted(signal);
    for (let i = 0; i < sum.length; i += 1)
      sum[i]! += (parts === undefined ? 1 : parts[i % parts.length]!) * rgb[i]!;
  }
  const painted = createImage(width, height, sum, photograph.alpha);
  return { image: composer.compose(painted), stopped: 'finished' };
}

/** Codes in their proportions; weights are parts of 1. */
function blended(codes: readonly Float32Array[], weights: readonly number[]): Float32Array {
  const sum = new Float32Array(codes[0]!.length);
  codes.forEach((code, index) => code.forEach((value, i) => (sum[i]! += weights[index]! * value)));
  return sum;
}

/** The code of a painting, or of a photograph as if it were one. */
async function readCode(runtime: Runtime, model: AnyStyleModel, painting: Image): Promise<Float32Array> {
  const { side, square } = model.styleSize;
  const size = square ? { width: side, height: side } : seenSize(withinLongSide(painting, side));
  const { rgb } = resizeImage(painting, size.width, size.height);
  const x = input('painting', [1, 3, size.height, size.width]);
  const { code } = await runOnce(runtime, { code: model.code(x) }, { painting: rgb });
  return code!;
}

const paintWhole = (
  { weights: model, programs }: FastTask,
  photograph: Image,
  code: Float32Array,
): Promise<Image> =>
  paintedAsWhole(photograph, async (picture, size) => {
    const outputs = await programs.use(
      `${model.name} ${size.width}x${size.height}`,
      () => paintGraph(model, size),
      (program) => program.run({ picture, code }),
    );
    return outputs['painted']!;
  });

function paintGraph(model: AnyStyleModel, { width, height }: Size): NamedTensors {
  const picture = input('picture', [1, 3, height, width]);
  return { painted: model.paint(picture, input('code', [1, model.codeLength])) };
}
