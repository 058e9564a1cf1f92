import type { JobFeed } from './job-feed.js';
import { shownFamily } from './job-family.js';
import type { JobFiles } from './job-files.js';
import { isEnded, type Job } from './job.js';
import { isJoinedLater, shownJob, type JobStore, type StoredJob } from './job-store.js';

/** Where jobs and their files are, and who is told of them. */
export interface JobPlaces {
  readonly store: JobStore;
  readonly files: JobFiles;
  readonly feed: JobFeed;
}

/** A job as the service shows it now. */
export async function viewJob({ store, feed }: Omit<JobPlaces, 'files'>, job: StoredJob): Promise<Job> {
  if (job.children === undefined) return shownJob(job, feed.progress(job.id) ?? null);
  return shownFamily(job, await store.children(job.id), (child) => feed.progress(child)?.done ?? 0);
}

/** Removes the files of a job that has ended, but those of its result. */
export const keepResults = (files: JobFiles, { id, result }: StoredJob): Promise<void> =>
  files.keepOnly(
    id,
    (result?.files ?? []).map(({ name }) => name),
  );

/** Removes the pictures of a job of several photographs where the last of these has ended, or where it was deleted. */
export async function settleParent({ store, files }: Omit<JobPlaces, 'feed'>, id: string): Promise<void> {
  const parent = await store.get(id);
  if (parent === undefined) return files.remove(id);
  if (!isEnded(parent.status)) return;
  await keepResults(files, parent);
  // What was made of the segments of a film, or the parts of a picture, is in the whole.
  for (const child of await store.children(id))
    if (isJoinedLater(child.request)) await files.remove(child.id);
}

/**
 * Stops a job with the best so far, and those that it consists of.
 * @returns it as it is then; undefined where there is none
 */
export async function cancelJob(
  places: JobPlaces,
  id: string,
  keepSeconds: number,
): Promise<StoredJob | undefined> {
  const { store, files, feed } = places;
  const finished = Date.now();
  const end = { status: 'cancelled', finished, expires: finished + keepSeconds * 1000 } as const;
  const job = await store.cancel(id, end);
  if (job === undefined) return undefined;
  for (const one of job.children === undefined ? [job] : await store.children(id)) {
    if (one.status === 'running') feed.signal({ type: 'stop', job: one.id });
    else if (isEnded(one.status)) {
      feed.tell(one.id, { type: 'job', job: shownJob(one) });
      await keepResults(files, one);
    }
  }
  const parent = job.children === undefined ? job.parent : id;
  if (parent !== undefined) await settleParent(places, parent);
  return job;
}

/** Deletes a job with its files, and those that it consists of; what is running is stopped. @returns whether there was one */
export async function removeJob({ store, files, feed }: JobPlaces, id: string): Promise<boolean> {
  const removed = await store.remove(id);
  for (const { id: one, status } of removed) {
    const isWork = removed.length === 1 || one !== id;
    // The runner removes the files of one that it works on, when it has stopped.
    if (status === 'running' && isWork) feed.signal({ type: 'stop', job: one });
    else await files.remove(one);
  }
  return removed.length > 0;
}
