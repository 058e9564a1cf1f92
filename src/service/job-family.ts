import { isEnded, type Job, type JobProgress, type JobResult, type Problem, type ResultFile } from './job.js';
import { isJoinedLater, photographName, shownJob, type StoredJob } from './job-store.js';
import { splitName } from './photograph-names.js';

/** How many of those that failed are named in the error of their job. */
const mostNamed = 5;

/** A file of a result, and whose it is under which name. */
export interface FamilyFile extends ResultFile {
  readonly job: string;
  readonly stored: string;
}

const nameOf = (child: StoredJob): string => photographName(child) ?? child.id;

/** Those whose results are results of the whole: not the segments of a film and the parts of a picture, which are joined. */
const wholesOf = (children: readonly StoredJob[]): readonly StoredJob[] =>
  children.filter(({ request }) => !isJoinedLater(request));

/** Whether it is one picture that consists of parts: for who has sent it, it is a job like any other. */
export const isOnePicture = (children: readonly StoredJob[]): boolean =>
  children.some(({ request }) => request.part !== undefined);

/**
 * The files of all results in the order of the photographs. Each is called like its photograph, `photo.png` or, where a photograph has
 * several, `photo/style.png`.
 */
export function familyFiles(children: readonly StoredJob[]): readonly FamilyFile[] {
  const isOne = isOnePicture(children);
  return wholesOf(children).flatMap((child) =>
    (child.result?.files ?? []).map((file) => ({
      ...{ ...file, job: child.id, stored: file.name },
      // A job's own files are `result.png`, or lie in `result`.
      name: isOne ? file.name : `${splitName(nameOf(child)).stem}${file.name.replace(/^[^./]*/, '')}`,
    })),
  );
}

/** All results as one: undefined where there is none. The numbers are by the photographs' names. */
function familyResult(children: readonly StoredJob[]): JobResult | undefined {
  const results = wholesOf(children).flatMap((child) =>
    child.result === undefined ? [] : [{ child, ...child.result }],
  );
  if (results.length === 0) return undefined;
  const stops = results.map(({ stopped }) => stopped);
  return {
    stopped: (['cancelled', 'diverged'] as const).find((one) => stops.includes(one)) ?? 'finished',
    files: familyFiles(children).map(({ name, type, bytes }) => ({ name, type, bytes })),
    numbers: isOnePicture(children)
      ? results[0]!.numbers
      : Object.fromEntries(results.map(({ child, numbers }) => [nameOf(child), numbers])),
  };
}

/** Which photographs could not be done; undefined where there is none. */
function familyProblem(id: string, children: readonly StoredJob[]): Problem | undefined {
  const failed = children.filter(({ status }) => status === 'failed');
  if (failed.length === 0) return undefined;
  const named = failed.slice(0, mostNamed).map((child) => `${nameOf(child)} (${child.error?.code ?? ''})`);
  const more = failed.length - named.length;
  const { film } = children[0]!.request;
  const [parts, whole] = isOnePicture(children)
    ? ['parts', 'the picture']
    : film !== undefined
      ? ['parts', 'the film']
      : ['photographs', 'these'];
  const names = `${named.join(', ')}${more > 0 ? ` and ${more} more` : ''}`;
  return {
    code: 'E_CHILDREN',
    message: `${failed.length} of ${children.length} ${parts} could not be done: ${names}.`,
    remedy: `See what is wrong with each at /jobs/${id}/children, and send ${whole} again.`,
  };
}

/** How far all of it is: one that has ended counts as a whole, however it did. @param progress of one that is running */
export function familyProgress(
  children: readonly StoredJob[],
  progress: (child: string) => number,
): JobProgress {
  const done = children.map(({ id, status }) =>
    isEnded(status) ? 1 : status === 'running' ? progress(id) : 0,
  );
  return { done: done.reduce((sum, one) => sum + one, 0) / Math.max(1, children.length) };
}

/** A job that consists of others as the service shows it. @param progress of one of these that is running */
export function shownFamily(
  stored: StoredJob,
  children: readonly StoredJob[],
  progress: (child: string) => number,
): Job {
  const ended = isEnded(stored.status);
  return {
    ...shownJob(stored, familyProgress(children, progress)),
    error: (ended ? familyProblem(stored.id, children) : undefined) ?? null,
    result: (ended ? familyResult(children) : undefined) ?? null,
    children: stored.children ?? null,
  };
}
