import { Redis } from 'ioredis';
import { argumentError } from '../errors.js';

/** Milliseconds that the queue server has to answer for the first time. */
const firstAnswer = 5000;

/** An address without what is secret in it. */
function shownAddress(address: string): string {
  if (!URL.canParse(address)) return address;
  const url = new URL(address);
  if (url.password !== '') url.password = '***';
  return url.href;
}

/**
 * Connects to a queue server: Redis 6.2 or later, or Valkey. Once connected, what is asked while the server is away waits until it is
 * there again.
 * @param address such as `redis://HOST:6379`, or `rediss://` with TLS
 * @throws StyleError `E_ARGUMENT` for what is no such address, or where nobody answers
 */
export async function connectRedis(address: string, onError: (error: Error) => void): Promise<Redis> {
  if (!URL.canParse(address) || !/^rediss?:$/.test(new URL(address).protocol)) {
    throw argumentError(
      'queue',
      `The queue ${JSON.stringify(shownAddress(address))} is no address of Redis.`,
      'Give one such as redis://HOST:6379.',
    );
  }
  const redis = new Redis(address, { maxRetriesPerRequest: null, lazyConnect: true });
  let reason: unknown = 'it did not answer';
  const remember = (error: Error): void => void (reason = error.message);
  redis.on('error', remember);
  const timer = setTimeout(() => redis.disconnect(), firstAnswer);
  try {
    await redis.connect();
    await redis.ping();
  } catch {
    redis.disconnect();
    throw argumentError(
      'queue',
      `There is no queue server at ${shownAddress(address)}: ${String(reason)}.`,
      'Start Redis or Valkey there, or give another address.',
    );
  } finally {
    clearTimeout(timer);
  }
  redis.off('error', remember).on('error', onError);
  return redis;
}
