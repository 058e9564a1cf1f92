import type { FastifyReply, FastifyRequest } from 'fastify';
import { isEnded, type JobEvent } from './job.js';
import { viewJob } from './job-control.node.js';
import { familyProgress } from './job-family.js';
import type { StoredJob } from './job-store.js';
import type { Service } from './service.node.js';

/** Milliseconds between two signs of life, so that nobody between takes a silent connection for a dead one. */
const heartbeat = 15_000;
/** Bytes that may wait for a slow reader; it misses previews beyond that, and nothing else. */
const mostWaiting = 1_000_000;

/** Streams that are open, to be ended when the service stops. */
const open = new Set<() => void>();

/** Ends all streams of events. */
export function endEvents(): void {
  for (const end of open) end();
}

/**
 * Tells a listener of what happens to a job; of one that consists of others, of what happens to these and what becomes of it with that.
 * @returns ends the telling
 */
async function listen(
  service: Service,
  { id, children: counts }: StoredJob,
  send: (event: JobEvent) => void,
): Promise<() => void> {
  const { store, feed } = service;
  if (counts === undefined) return feed.follow(id, send);
  let children = await store.children(id);
  const progressOf = (child: string): number => feed.progress(child)?.done ?? 0;
  const tellWhole = once(async () => {
    children = await store.children(id);
    const job = await store.get(id);
    if (job !== undefined) send({ type: 'job', job: await viewJob(service, job) });
  });
  const hear = (child: string, event: JobEvent): void => {
    if (event.type === 'preview') send({ ...event, child });
    else if (event.type === 'job') {
      send({ type: 'child', job: event.job });
      tellWhole();
    } else send({ type: 'progress', progress: familyProgress(children, progressOf) });
  };
  const followings = children.map((child) => feed.follow(child.id, (event) => hear(child.id, event)));
  followings.push(feed.follow(id, tellWhole));
  return () => followings.forEach((end) => end());
}

/** Does something once more when it was asked for while it was being done, however often. What fails is done at the next asking. */
function once(work: () => Promise<void>): () => void {
  let [isBusy, isWanted] = [false, false];
  const begin = async (): Promise<void> => {
    isBusy = true;
    while (isWanted) {
      isWanted = false;
      await work().catch(() => undefined);
    }
    isBusy = false;
  };
  return () => {
    isWanted = true;
    if (!isBusy) void begin();
  };
}

/**
 * Answers with a stream of what happens to a job. It begins with where the job stands, so that who connects again misses nothing,
 * and ends with the job.
 */
export function followJob(
  service: Service,
  followed: StoredJob,
  request: FastifyRequest,
  reply: FastifyReply,
): void {
  const { store, feed } = service;
  const { id } = followed;
  reply.hijack();
  const { raw } = reply;
  for (const [name, value] of Object.entries(reply.getHeaders()))
    if (value !== undefined) raw.setHeader(name, value);
  raw.writeHead(200, { 'content-type': 'text/event-stream', 'cache-control': 'no-store' });
  let [hasEnded, unfollow] = [false, (): void => undefined];
  const end = (): void => {
    hasEnded = true;
    unfollow();
    clearInterval(beat);
    open.delete(end);
    raw.end();
  };
  const send = (event: JobEvent): void => {
    if (hasEnded) return;
    if (event.type === 'preview' && raw.writableLength > mostWaiting) return;
    const { type, ...rest } = event;
    const data = type === 'job' || type === 'child' ? event.job : type === 'progress' ? event.progress : rest;
    raw.write(`event: ${type}\ndata: ${JSON.stringify(data)}\n\n`);
    if (event.type === 'job' && isEnded(event.job.status)) end();
  };
  const beat = setInterval(() => {
    raw.write(': \n\n');
    // Its end may have been told while nobody heard it.
    void (async () => {
      const job = await store.get(id);
      if (job === undefined) end();
      else if (isEnded(job.status)) send({ type: 'job', job: await viewJob(service, job) });
    })().catch(end);
  }, heartbeat);
  open.add(end);
  request.raw.once('close', end);
  void (async () => {
    const stop = await listen(service, followed, send);
    if (hasEnded) return stop();
    unfollow = stop;
    // After what it is told from now on, so that nothing between is missed.
    const job = await store.get(id);
    if (job === undefined) return end();
    send({ type: 'job', job: await viewJob(service, job) });
    const preview = feed.preview(id);
    if (preview !== undefined && !isEnded(job.status)) send(preview);
  })().catch(end);
}
