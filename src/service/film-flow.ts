import { hasFilmSuffix } from '../films/film-formats.js';
import type { FilmSegment } from '../films/film-segments.js';
import { filmSegment, type JobRequest, type StoredJob } from './job-store.js';

/**
 * Frames that a segment looks at before its first, where pictures depend on those before them: four fifths of what the one before became
 * may be kept, so that after twenty a hundredth is left of what went before.
 */
const steadyLeadIn = 20;

/** Whether a file that is sent is a film where the result is one. */
export const isFilmName = (name: string, format: string | undefined): boolean =>
  hasFilmSuffix(name) && (!/\.gif$/i.test(name) || (format !== undefined && hasFilmSuffix(`.${format}`)));

/**
 * A film's request as those of its segments, and at the end that to join them.
 * @param frames how many there are about; the last segment has all that there are then
 * @param least how many a segment has, unless that would be more than `most` segments
 */
export function filmParts(
  request: JobRequest,
  frames: number | undefined,
  { least, most }: { readonly least: number; readonly most: number },
): readonly JobRequest[] {
  const length = Math.max(least, Math.ceil((frames ?? 1) / Math.max(1, most)));
  const count = Math.max(1, Math.ceil((frames ?? 1) / length));
  const leadIn = request.options['steady'] === true ? steadyLeadIn : 0;
  const segments = Array.from({ length: count }, (_, index) => {
    const to = index === count - 1 ? {} : { to: (index + 1) * length };
    return { ...request, film: { from: index * length, ...to, leadIn, number: index + 1, count } };
  });
  return [...segments, { ...request, film: { join: true } }];
}

/** The segments that are to be joined, by the jobs that made them. @returns undefined where one is missing */
export function segmentsOf(
  children: readonly StoredJob[],
  pathOf: (child: StoredJob, file: string) => string,
): readonly FilmSegment[] | undefined {
  const segments: FilmSegment[] = [];
  for (const child of children) {
    const { request, status, result } = child;
    if (filmSegment(request) === undefined) continue;
    if (status !== 'done' || result === undefined) return undefined;
    const [file] = result.files;
    // About the end of a film its file may be wrong: then the last segments have no frames.
    if (file !== undefined)
      segments.push({
        ...(result.numbers as unknown as Omit<FilmSegment, 'path'>),
        path: pathOf(child, file.name),
      });
  }
  return segments;
}
