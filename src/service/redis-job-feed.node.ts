import type { Redis } from 'ioredis';
import type { JobEvent, JobProgress } from './job.js';
import { LocalJobFeed, type FeedSignal, type JobFeed } from './job-feed.js';

const channel = 'pastiche:feed';

type Message = { readonly job: string; readonly event: JobEvent } | { readonly signal: FeedSignal };

/**
 * A feed that all servers and workers of a queue share. Everything goes through the queue server, one's own too, so that all hear the
 * same in the same order. While that is away, nothing is told: what counts is in the store.
 */
export class RedisJobFeed implements JobFeed {
  private readonly local = new LocalJobFeed();

  private constructor(
    private readonly redis: Redis,
    private readonly subscriber: Redis,
  ) {
    subscriber.on('message', (_, text) => {
      const message = JSON.parse(text) as Message;
      if ('signal' in message) this.local.signal(message.signal);
      else this.local.tell(message.job, message.event);
    });
  }

  static async open(redis: Redis, onError: (error: Error) => void): Promise<RedisJobFeed> {
    const subscriber = redis.duplicate({ lazyConnect: false });
    subscriber.on('error', onError);
    await subscriber.subscribe(channel);
    return new RedisJobFeed(redis, subscriber);
  }

  follow(job: string, listener: (event: JobEvent) => void): () => void {
    return this.local.follow(job, listener);
  }

  tell(job: string, event: JobEvent): void {
    this.publish({ job, event });
  }

  progress(job: string): JobProgress | undefined {
    return this.local.progress(job);
  }

  preview(job: string): JobEvent | undefined {
    return this.local.preview(job);
  }

  signal(signal: FeedSignal): void {
    this.publish({ signal });
  }

  onSignal(listener: (signal: FeedSignal) => void): void {
    this.local.onSignal(listener);
  }

  close(): void {
    this.subscriber.disconnect();
  }

  private publish(message: Message): void {
    // Old news would pile up here, to be told all at once.
    if (this.redis.status !== 'ready') return;
    this.redis.publish(channel, JSON.stringify(message)).catch(() => undefined);
  }
}
