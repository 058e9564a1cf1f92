import { estimateCost, input, type Cost, type NamedTensors } from '../../graph/index.js';
import type { Image, Size } from '../../images/image.js';
import { resizeImage, withinLongSide } from '../../images/resize.js';
import type { AnyStyleModel } from '../../networks/any-style-model.js';
import type { ProgramCache } from '../../runtime/program-cache.js';
import { seenSize } from '../whole-picture.js';

/** A painting is looked at no larger than the largest network reads it, in pixels of its longer side. */
export const longestPaintingSide = 1024;

/** The code of a painting, or of a photograph as if it were one. */
export async function paintingCode(
  programs: ProgramCache,
  model: AnyStyleModel,
  painting: Image,
): Promise<Float32Array> {
  const size = readSize(model, painting);
  const { rgb } = resizeImage(painting, size.width, size.height);
  const { code } = await programs.use(
    `code ${size.width}x${size.height}`,
    () => codeGraph(model, size),
    (program) => program.run({ painting: rgb }),
  );
  return code!;
}

/** What reading a code takes. */
export const codeCost = (model: AnyStyleModel, painting: Size): Cost =>
  estimateCost(codeGraph(model, readSize(model, painting)));

/** The size at which a painting is read. */
function readSize({ styleSize: { side, square } }: AnyStyleModel, painting: Size): Size {
  return square ? { width: side, height: side } : seenSize(withinLongSide(painting, side));
}

function codeGraph(model: AnyStyleModel, { width, height }: Size): NamedTensors {
  return { code: model.code(input('painting', [1, 3, height, width])) };
}
