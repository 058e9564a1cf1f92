import { TooLargeError } from '../../api/memory-check.js';
import type { Session } from '../../api/session.js';
import type { PictureOrWord, PictureSet } from '../../methods/method.js';
import { describeFailure } from '../../runtime/worker-service.js';
import { sentPictures, type DecodedPictures } from './decoded-pictures.js';
import type { PlanAnswer, PlanQuestion, SentOrder, SentPictureOrWord } from './engine-calls.js';
import { methodOf } from './method-of.js';

/** What an order would take, and what to do where that is too much. @throws StyleError as its run would */
export async function plan(
  { order, memoryLimit }: PlanQuestion,
  session: Session,
  decoded: DecodedPictures,
): Promise<PlanAnswer> {
  const method = methodOf(order.method);
  decoded.want('plan', sentPictures(order));
  const counts = Object.fromEntries(
    Object.entries(order.pictures).map(([role, given]) => [role, given.length]),
  );
  const prepared = await session.prepare(method, order.options, counts, order.network);
  const pictures = await picturesOf(order, decoded);
  const found = prepared.plan(pictures, memoryLimit);
  const { width, height, memoryBytes } = found;
  const answer = { width, height, memoryBytes };
  try {
    prepared.checkMemory(pictures, found, memoryLimit);
    return { ...answer, tooLarge: undefined };
  } catch (error) {
    if (!(error instanceof TooLargeError)) throw error;
    const size = error.option === 'size' ? error.size : undefined;
    return { ...answer, tooLarge: { failure: describeFailure(error), size } };
  }
}

async function picturesOf({ method, pictures }: SentOrder, decoded: DecodedPictures): Promise<PictureSet> {
  const read = async (picture: SentPictureOrWord): Promise<PictureOrWord> =>
    typeof picture === 'string' ? picture : decoded.get(picture);
  const entries = methodOf(method).roles.map(async ({ name, several }) => {
    const found = await Promise.all((pictures[name] ?? []).map(read));
    return [name, found.length === 0 ? undefined : several === true ? found : found[0]] as const;
  });
  return Object.fromEntries((await Promise.all(entries)).filter(([, found]) => found !== undefined));
}
