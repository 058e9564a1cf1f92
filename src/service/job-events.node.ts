import type { FastifyReply, FastifyRequest } from 'fastify';
import { isEnded, type JobEvent } from './job.js';
import { shownJob } from './job-store.js';
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
 * Answers with a stream of what happens to a job. It begins with where the job stands, so that who connects again misses nothing,
 * and ends with the job.
 */
export function followJob(
  { store, feed }: Service,
  id: string,
  request: FastifyRequest,
  reply: FastifyReply,
): void {
  reply.hijack();
  const { raw } = reply;
  for (const [name, value] of Object.entries(reply.getHeaders()))
    if (value !== undefined) raw.setHeader(name, value);
  raw.writeHead(200, { 'content-type': 'text/event-stream', 'cache-control': 'no-store' });
  const end = (): void => {
    unfollow();
    clearInterval(beat);
    open.delete(end);
    raw.end();
  };
  const send = (event: JobEvent): void => {
    if (event.type === 'preview' && raw.writableLength > mostWaiting) return;
    const { type, ...rest } = event;
    const data = type === 'job' ? event.job : type === 'progress' ? event.progress : rest;
    raw.write(`event: ${type}\ndata: ${JSON.stringify(data)}\n\n`);
    if (event.type === 'job' && isEnded(event.job.status)) end();
  };
  const unfollow = feed.follow(id, send);
  const beat = setInterval(() => {
    raw.write(': \n\n');
    // Its end may have been told while nobody heard it.
    void store.get(id).then((job) => {
      if (job === undefined) end();
      else if (isEnded(job.status)) send({ type: 'job', job: shownJob(job) });
    }, end);
  }, heartbeat);
  open.add(end);
  request.raw.once('close', end);
  void store.get(id).then((job) => {
    if (job === undefined) return end();
    send({ type: 'job', job: shownJob(job, feed.progress(id) ?? null) });
    const preview = feed.preview(id);
    if (preview !== undefined && !isEnded(job.status)) send(preview);
  }, end);
}
