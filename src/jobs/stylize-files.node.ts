import { rmdir } from 'node:fs/promises';
import { StyleError } from '../errors.js';
import { checkWritable } from '../images/codec.node.js';
import { Stylizer } from '../methods/stylize/stylizer.js';
import { checkReplaceable } from '../replace-file.node.js';
import { flagOf } from './shell-command.js';
import { encodingOf } from './picture-encoding.js';
import { pairPictures, type PicturePairs } from './picture-pairs.node.js';
import { checkSaveEvery } from './picture-recorder.node.js';
import type { FailedFile, StylizedFile, StylizeFilesResult, StylizeOrder } from './stylize-order.js';
import { stylizePicture } from './stylize-picture.node.js';
import { statePath } from './stylize-recorder.node.js';
import { environmentOf, withSession, type StylizeSession } from './stylize-session.node.js';

/**
 * Stylises picture files. Everything that can be checked is checked before the long work begins; the network, the
 * paintings' statistics and the compiled graphs are made once for all photographs. Where there are several, one that
 * fails is reported in the result and the others are done all the same.
 * @throws StyleError for what keeps all the work from being done, and for one photograph whatever keeps it from being done
 */
export async function stylizeFiles(order: StylizeOrder): Promise<StylizeFilesResult> {
  const started = performance.now();
  const pairs = await pairPictures(order);
  try {
    await checkOrder(order, pairs);
    return await withSession(order, (session) => stylizePairs(order, pairs, session, started));
  } finally {
    // Only if nothing was written into it.
    if (pairs.madeFolder !== undefined) await rmdir(pairs.madeFolder).catch(() => undefined);
  }
}

async function checkOrder(order: StylizeOrder, { pairs, batch }: PicturePairs): Promise<void> {
  const { saveEvery, trace, report, resume, mask, contentMask } = order;
  checkSaveEvery(saveEvery);
  if (batch) {
    for (const [name, value] of Object.entries({ trace, report, resume, mask, contentMask })) {
      if (value === undefined) continue;
      throw new StyleError(
        'E_ARGUMENT',
        `${flagOf(name)} is for one photograph, and there are ${pairs.length}.`,
        `Leave ${flagOf(name)} out, or stylize the photographs one by one.`,
      );
    }
    return;
  }
  const { output } = pairs[0]!;
  await checkWritable(output, encodingOf(order));
  for (const path of [trace, report, ...(saveEvery === undefined ? [] : [statePath(output)])]) {
    if (path !== undefined) await checkReplaceable(path);
  }
}

async function stylizePairs(
  order: StylizeOrder,
  { pairs, batch }: PicturePairs,
  session: StylizeSession,
  started: number,
): Promise<StylizeFilesResult> {
  const stylizer = new Stylizer(session.runtime, session.network.weights, session.options);
  const pictures: StylizedFile[] = [];
  const failures: FailedFile[] = [];
  const left: string[] = [];
  try {
    for (const [index, pair] of pairs.entries()) {
      try {
        const turn = { ...pair, index, count: pairs.length };
        const stopped = order.signal?.aborted === true;
        const picture = stopped ? undefined : await stylizePicture(order, turn, session, stylizer);
        if (picture === undefined) left.push(pair.content);
        else pictures.push(picture);
      } catch (error) {
        if (!batch || !(error instanceof Error)) throw error;
        failures.push({ content: pair.content, error });
        order.onProgress?.({ type: 'failed', content: pair.content, error });
      }
    }
  } finally {
    await stylizer.dispose();
  }
  const seconds = (performance.now() - started) / 1000;
  return { ...environmentOf(session), batch, pictures, failures, left, seconds };
}
