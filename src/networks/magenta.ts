import { StyleError } from '../errors.js';
import type { TfliteModel } from '../formats/tflite.js';
import { crop, formatShape, reshape, type Shape, type Tensor } from '../graph/index.js';
import type { AnyStyleModel } from './any-style-model.js';
import { fingerprintOf } from './fingerprint.js';
import { tfliteNetwork, type TfliteNetwork } from './tflite-network.js';

/** What the two files of Magenta's network are. */
export type MagentaPart = 'style prediction' | 'transformer';

/** A part of Magenta's network, recognised. */
interface ReadPart {
  readonly network: TfliteNetwork;
  readonly codeLength: number;
  /** Height and width that the file is for. */
  readonly sides: readonly [height: number, width: number];
}

/** The widest border that the transformer mirrors is 4 pixels, and that takes one more. */
const shortestSide = 5;

/** Whether a shape is that of a picture, NCHW; anything else is a code, which is one pixel with many channels. */
const isPicture = ([n, channels, height, width]: Shape): boolean =>
  n === 1 && channels === 3 && height! > 1 && width! > 1;
const isCode = ([n, , height, width]: Shape): boolean => n === 1 && height === 1 && width === 1;

/**
 * Which part of Magenta's network a model is.
 * @throws StyleError `E_WEIGHTS_CONTENT` for a model of another task, which says what it takes and gives, or as {@link tfliteNetwork}
 */
export function magentaPart(model: TfliteModel): MagentaPart {
  return readPart(model).part;
}

function readPart(model: TfliteModel): ReadPart & { readonly part: MagentaPart } {
  const rank = model.inputs.length;
  const shapesOf = (indices: readonly number[]): string =>
    indices.map((index) => formatShape(model.tensors[index]!.shape)).join(' and ');
  const isFourAxes = [...model.inputs, ...model.outputs].every(
    (index) => model.tensors[index]!.shape.length === 4,
  );
  if (isFourAxes && rank > 0 && rank <= 2 && model.outputs.length === 1) {
    const network = tfliteNetwork(model);
    const [output] = network.outputs as readonly [Shape];
    const picture = network.inputs.find(isPicture);
    const code = network.inputs.find(isCode);
    if (picture !== undefined) {
      const sides = [picture[2]!, picture[3]!] as const;
      if (rank === 1 && isCode(output))
        return { part: 'style prediction', network, codeLength: output[1]!, sides };
      if (rank === 2 && code !== undefined && formatShape(output) === formatShape(picture))
        return { part: 'transformer', network, codeLength: code[1]!, sides };
    }
  }
  throw new StyleError(
    'E_WEIGHTS_CONTENT',
    `"${model.name}" is a TFLite model for another task: it makes ${shapesOf(model.outputs)} from ${shapesOf(model.inputs)}.`,
    'Give the two files of Magenta\'s network for any style; pullModel("magenta") downloads them.',
  );
}

function partOf(model: TfliteModel, wanted: MagentaPart): ReadPart {
  const found = readPart(model);
  if (found.part === wanted) return found;
  throw new StyleError(
    'E_WEIGHTS_CONTENT',
    `"${model.name}" is the ${found.part} of Magenta's network, and the ${wanted} was expected.`,
    'Give the file of the style prediction first and that of the transformer second.',
  );
}

/**
 * Magenta's network for any style (Ghiasi, Lee, Kudlur, Dumoulin, Shlens 2017, "Exploring the structure of a real-time, arbitrary
 * neural artistic stylization network", in the form for mobile devices, with MobileNet v2 in place of Inception v3). The files are for
 * pictures of 384 x 384; here they are of any size, as in the network that these were made from: where sides are no multiples of 4,
 * the result is cropped. Weights that are quantised count as what they stand for, and everything is computed in float32.
 * @param predict the model that makes a code from a painting
 * @param transfer the model that paints with it, in float16 or int8
 * @throws StyleError `E_WEIGHTS_CONTENT` for models of another task, with an operator that is not known, or that don't go together
 */
export function magentaModel(predict: TfliteModel, transfer: TfliteModel): AnyStyleModel {
  const prediction = partOf(predict, 'style prediction');
  const transformer = partOf(transfer, 'transformer');
  const { codeLength } = prediction;
  if (transformer.codeLength !== codeLength) {
    throw new StyleError(
      'E_WEIGHTS_CONTENT',
      `"${predict.name}" makes codes of ${codeLength} numbers, and "${transfer.name}" takes ${transformer.codeLength}.`,
      'Give two files that belong together.',
    );
  }
  return {
    name: 'magenta',
    fingerprint: () =>
      fingerprintOf(
        [predict, transfer].flatMap(({ tensors }) =>
          tensors.flatMap(({ data }) => (data === undefined ? [] : [data])),
        ),
      ),
    codeLength,
    styleSize: { side: Math.max(...prediction.sides), square: true },
    code: (painting) => reshape(prediction.network.apply([painting])[0]!, [1, codeLength]),
    paint: (picture, code) => paint(transformer, picture, code),
  };
}

function paint({ network, codeLength }: ReadPart, picture: Tensor, code: Tensor): Tensor {
  const [height, width] = picture.shape.slice(2) as [number, number];
  if (Math.min(height, width) < shortestSide) {
    throw new StyleError(
      'E_IMAGE_SIZE',
      `A picture of ${width}x${height} pixels is too small for Magenta's network.`,
      `Give one with at least ${shortestSide} pixels a side.`,
    );
  }
  const pixel = reshape(code, [1, codeLength, 1, 1]);
  const [painted] = network.apply(network.inputs.map((shape) => (isPicture(shape) ? picture : pixel))) as [
    Tensor,
  ];
  return crop(painted, picture);
}
