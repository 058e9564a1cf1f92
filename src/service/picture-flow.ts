import type { PictureDivision } from '../methods/division.js';
import { pictureTask, roundOf, type JobRequest, type StoredJob } from './job-store.js';

/**
 * A request for one large picture as those of its parts, round by round, and at the end that to join them: each round measures all of
 * the picture with what was found before, and the last one paints it.
 * @param pixels about so many a part has
 * @param most how many requests there may be
 * @returns none where it is not worth dividing, or has no room
 */
export function pictureParts(
  request: JobRequest,
  { tiles, rounds, width, height }: PictureDivision,
  { pixels, most }: { readonly pixels: number; readonly most: number },
): readonly JobRequest[] {
  const room = Math.floor((most - 1) / (rounds + 1));
  const count = Math.min(Math.ceil((width * height) / pixels), tiles, room);
  if (count < 2) return [];
  const parts = Array.from({ length: (rounds + 1) * count }, (_, index) => {
    const [round, number] = [Math.floor(index / count), (index % count) + 1];
    return { ...request, part: { number, count, round, rounds } };
  });
  return [...parts, { ...request, part: { join: true, rounds } }];
}

/**
 * The parts whose files a job needs: those of the round before, in order.
 * @returns undefined where one of them is missing
 */
export function partsBefore(
  { request: job }: StoredJob,
  siblings: readonly StoredJob[],
): readonly StoredJob[] | undefined {
  if (job.part === undefined) return [];
  const before = roundOf(job) - 1;
  const found = siblings.filter(({ request }) => pictureTask(request)?.round === before);
  return found.every(({ status, result }) => status === 'done' && result?.files[0] !== undefined)
    ? found
    : undefined;
}
