import { createImage, type Image, type Size } from '../../images/image.js';
import { fitLongSide, resizeImage } from '../../images/resize.js';
import type { AnyStyleModel } from '../../networks/any-style-model.js';
import { blendCodes } from '../../networks/painting-style.js';
import { throwIfAborted } from '../../abort.js';
import { factNumber } from '../facts.js';
import { paintRegions } from '../apply/paint-regions.js';
import { anyStylePainter } from '../apply/styled-painter.js';
import type { Method, MethodTask, PictureOutcome } from '../method.js';
import { graphMemory, pictureBytes, picturesMemory, resultMemory } from '../optimization/memory.js';
import { ColorAndMaskComposer, keepColors } from '../stylize/color-preservation.js';
import { gramStylization, type StylizePictures } from '../stylize/gram-method.js';
import { blendWeights, resolveStylizeSettings } from '../stylize/options.js';
import { isRegionName } from '../stylize/regions.js';
import { fastOptionsSchema, resolveFastSettings, type FastOptions, type FastSettings } from './options.js';
import { codeRegions } from './code-regions.js';
import { longestPaintingSide, paintingCode } from './painting-code.js';
import { refine, refinementPlan } from './refinement.js';

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
    needsPerceptual: ({ refine: steps }) => steps > 0,
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
    plan(subject, model) {
      const { settings, pictures } = subject;
      const size = resultSize(pictures.content, settings);
      const noCode = new Float32Array(model!.codeLength);
      const cost = anyStylePainter(model!, noCode, settings.tile).cost(size);
      const memoryBytes =
        picturesMemory({ ...pictures }) +
        Math.max(graphMemory(cost, cost.floatBytes) + 2 * pictureBytes(size), resultMemory(size));
      if (settings.refine === 0) return { ...size, scales: [], memoryBytes, operations: cost.operations };
      const refinement = refinementPlan(subject, model!, size);
      return {
        ...refinement,
        memoryBytes: Math.max(memoryBytes, refinement.memoryBytes),
        operations: cost.operations + refinement.operations,
      };
    },
    longestSide: ({ size }, role) =>
      role === 'styles' ? longestPaintingSide : role === 'content' ? size : undefined,
    resized: (settings, size) => ({ ...settings, size }),
    stepwise: (settings) => (settings?.refine ?? 0) > 0,
    terms: ({ refine: steps }) => (steps > 0 ? gramStylization.terms(resolveStylizeSettings({})) : []),
    run: paintFast,
    describe: ({ model, strength, styleBlend, preserveColors, refine: steps }, names) => ({
      title: `${names['content']!.join(', ')} after ${names['styles']!.join(', ')}, in one pass`,
      before: 'content',
      facts: [
        ['Model', model],
        ['Strength', factNumber(strength)],
        ...(steps === 0 ? [] : [['Refined', `${steps} steps of the optimisation`] as const]),
        ...(styleBlend === undefined ? [] : [['Blend', styleBlend.join(', ')] as const]),
        ...(preserveColors === 'none' ? [] : [['Colours', `the photograph's (${preserveColors})`] as const]),
      ],
    }),
  };

const resultSize = ({ width, height }: Size, { size }: FastSettings): Size =>
  size === undefined ? { width, height } : fitLongSide(width, height, size);

async function paintFast(task: FastTask): Promise<PictureOutcome> {
  const { settings, pictures, weights: model, programs, memory, signal } = task;
  const { width, height } = resultSize(pictures.content, settings);
  const photograph = resizeImage(pictures.content, width, height);
  const regions = codeRegions(
    pictures,
    blendWeights(settings.styleBlend, pictures.styles.length),
    photograph,
  );
  const { content, styles } = keepColors({ content: photograph, styles: pictures.styles }, settings);
  const codeOf = (picture: Image): Promise<Float32Array> =>
    memory.get(picture, `code of ${model.name}`, () => paintingCode(programs, model, picture));
  const codes: Float32Array[] = [];
  for (const style of styles) codes.push(await codeOf(style));
  const ofPhotograph = settings.strength < 1 ? await codeOf(content) : undefined;
  throwIfAborted(signal);
  const { rgb } = await paintRegions(regions, photograph, ({ weights }, receive) => {
    throwIfAborted(signal);
    let code = blendCodes(codes, weights);
    if (ofPhotograph !== undefined) {
      code = blendCodes([ofPhotograph, code], [1 - settings.strength, settings.strength]);
    }
    return anyStylePainter(model, code, settings.tile).paint(content, task, receive);
  });
  throwIfAborted(signal);
  const painted = createImage(width, height, rgb, photograph.alpha);
  if (settings.refine > 0) return refine(task, painted);
  const composer = new ColorAndMaskComposer({ ...pictures, content: photograph }, settings, photograph);
  return { image: composer.compose(painted), stopped: 'finished' };
}
