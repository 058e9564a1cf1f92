import { setTimeout } from 'node:timers/promises';
import { AwsV4Signer } from 'aws4fetch';
import { StyleError } from '../errors.js';
import type { S3Address } from './s3-address.node.js';

/** What is stored under a key. */
export interface S3Entry {
  readonly key: string;
  /** Milliseconds since 1970. */
  readonly changed: number;
}

/** An object that is read. */
export interface S3Content {
  readonly bytes: number;
  readonly content: AsyncIterable<Uint8Array>;
}

interface S3Request {
  readonly query?: Readonly<Record<string, string>>;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: Blob;
  /** Statuses of failure that mean something to who asks. */
  readonly expected?: readonly number[];
}

/** Answers that another try may not get: too many requests, or something that passes. */
const passing = new Set([409, 429, 500, 502, 503, 504]);
/** How often something is tried, the first time included. */
const tries = 5;

/**
 * A bucket of S3-compatible storage, asked by signed requests with the bucket in the path, as every server takes it. What passes
 * is tried again, with growing pauses.
 */
export class S3Bucket {
  /** @param retryPause milliseconds before the second try; each further one takes twice the one before */
  constructor(
    private readonly address: S3Address,
    private readonly retryPause = 200,
  ) {}

  /** The key of a name of ours. */
  keyOf(name: string): string {
    return `${this.address.prefix}${name}`;
  }

  /**
   * Stores an object, in place of the one that was there.
   * @param sha256 the digest of its bytes in hexadecimal digits, which the server compares
   * @throws StyleError `E_STORAGE`, as all that is done here
   */
  async put(key: string, body: Blob, sha256: string): Promise<void> {
    await this.send('PUT', key, { body, headers: { 'x-amz-content-sha256': sha256 } });
  }

  /**
   * Stores an object unless there is one. Servers that can't be asked to compare (501) are asked before: there two that store at
   * the very same time both do, and the later one stays.
   * @returns whether it was stored
   */
  async putOnce(key: string, body: Blob, sha256: string): Promise<boolean> {
    const headers = { 'x-amz-content-sha256': sha256, 'if-none-match': '*' };
    const { status } = await this.send('PUT', key, { body, headers, expected: [412, 501] });
    if (status !== 501) return status !== 412;
    if ((await this.bytesOf(key)) !== undefined) return false;
    await this.put(key, body, sha256);
    return true;
  }

  /** How many bytes an object has; undefined where there is none. */
  async bytesOf(key: string): Promise<number | undefined> {
    const { status, headers } = await this.send('HEAD', key, { expected: [404] });
    return status === 404 ? undefined : Number(headers.get('content-length'));
  }

  /**
   * Opens an object; undefined where there is none. Its content throws `E_STORAGE` where it ends before all bytes were there.
   */
  async get(key: string): Promise<S3Content | undefined> {
    const answer = await this.send('GET', key, { expected: [404] });
    if (answer.status === 404) {
      const code = await errorCode(answer);
      if (code !== 'NoSuchBucket') return undefined;
      throw this.failure(404, code);
    }
    const length = answer.headers.get('content-length');
    if (length === null) {
      await answer.body?.cancel();
      throw this.error(
        `does not say how long ${JSON.stringify(key)} is`,
        'Use a server that sends Content-Length.',
      );
    }
    return { bytes: Number(length), content: this.whole(key, answer, Number(length)) };
  }

  /** Removes an object, where there is one. */
  async remove(key: string): Promise<void> {
    await this.send('DELETE', key, { expected: [404] });
  }

  /** All objects whose keys begin so, page by page. */
  async *list(prefix: string): AsyncGenerator<S3Entry> {
    for (let token: string | undefined, isFirst = true; isFirst || token !== undefined; isFirst = false) {
      const query = { 'list-type': '2', prefix, ...(token !== undefined && { 'continuation-token': token }) };
      const text = await (await this.send('GET', '', { query })).text();
      for (const [, entry] of text.matchAll(/<Contents>(.*?)<\/Contents>/gs)) {
        yield { key: textOf(entry!, 'Key') ?? '', changed: Date.parse(textOf(entry!, 'LastModified') ?? '') };
      }
      token = textOf(text, 'IsTruncated') === 'true' ? textOf(text, 'NextContinuationToken') : undefined;
    }
  }

  /** Looks whether the bucket is there and may be listed. @throws StyleError `E_STORAGE` */
  async check(): Promise<void> {
    await (await this.send('GET', '', { query: { 'list-type': '2', 'max-keys': '1' } })).text();
  }

  private async *whole(key: string, answer: Response, length: number): AsyncGenerator<Uint8Array> {
    let read = 0;
    try {
      for await (const bytes of (answer.body ?? []) as AsyncIterable<Uint8Array>) {
        read += bytes.length;
        yield bytes;
      }
    } catch (cause) {
      throw this.truncated(key, read, length, cause);
    }
    if (read !== length) throw this.truncated(key, read, length);
  }

  private truncated(key: string, read: number, length: number, cause?: unknown): StyleError {
    const what = `ended ${JSON.stringify(key)} after ${read} of ${length} bytes`;
    return this.error(what, 'Look whether the line to it holds.', cause);
  }

  /** @throws StyleError `E_STORAGE` for a status that is no success and not expected, when trying again didn't help */
  private async send(method: string, key: string, request: S3Request): Promise<Response> {
    for (let attempt = 1; ; attempt++) {
      const answer = await this.sendOnce(method, key, request).catch((error: unknown) => error);
      const isAnswer = answer instanceof Response;
      if (isAnswer && (answer.ok || request.expected?.includes(answer.status) === true)) return answer;
      const code = isAnswer ? await errorCode(answer) : undefined;
      if (attempt === tries || (isAnswer && !passing.has(answer.status))) {
        throw isAnswer ? this.failure(answer.status, code) : this.unreachable(answer);
      }
      await setTimeout(this.retryPause * 2 ** (attempt - 1));
    }
  }

  private async sendOnce(
    method: string,
    key: string,
    { query, headers, body }: S3Request,
  ): Promise<Response> {
    const { endpoint, bucket, ...credentials } = this.address;
    const url = new URL(`${endpoint}/${bucket}${key === '' ? '' : `/${key}`}`);
    for (const [name, value] of Object.entries(query ?? {})) url.searchParams.set(name, value);
    const signed = await new AwsV4Signer({
      ...{ method, url: url.href, service: 's3', headers: { ...headers } },
      ...{ region: credentials.region, accessKeyId: credentials.accessKeyId },
      ...{ secretAccessKey: credentials.secretAccessKey },
      ...(credentials.sessionToken !== undefined && { sessionToken: credentials.sessionToken }),
    }).sign();
    // Proxies change it, so that it is not signed; the length is that of what is stored.
    signed.headers.set('accept-encoding', 'identity');
    return fetch(signed.url, { method, headers: signed.headers, body: body ?? null, redirect: 'manual' });
  }

  private failure(status: number, code: string | undefined): StyleError {
    const answer = `answers ${status}${code === undefined ? '' : ` ${code}`}`;
    if (code === 'NoSuchBucket' || (status === 404 && code === undefined)) {
      return this.error(
        `has no bucket ${JSON.stringify(this.address.bucket)}`,
        'Make it, or name another one.',
      );
    }
    if (status === 401 || status === 403) {
      const remedy =
        'Look at AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY, AWS_SESSION_TOKEN and the clock, and let the key list, read, write and delete.';
      return this.error(`refuses: it ${answer}`, remedy);
    }
    if (status >= 300 && status < 400)
      return this.error(
        `has the bucket elsewhere: it ${answer}`,
        'Set AWS_REGION to the region of the bucket.',
      );
    return this.error(answer, 'Try again later, and look at its log.');
  }

  private unreachable(cause: unknown): StyleError {
    const inner = cause instanceof Error && cause.cause instanceof Error ? cause.cause : cause;
    const reason = inner instanceof Error && 'code' in inner ? String(inner.code) : String(inner);
    return this.error(
      `can't be reached (the system says ${reason})`,
      'Look whether it runs, and at AWS_ENDPOINT_URL_S3.',
      cause,
    );
  }

  private error(what: string, remedy: string, cause?: unknown): StyleError {
    const { endpoint, bucket, prefix } = this.address;
    const where = `s3://${bucket}/${prefix}`;
    const message = `The storage of ${JSON.stringify(where)} at ${JSON.stringify(endpoint)} ${what}.`;
    return new StyleError('E_STORAGE', message, remedy, { option: 'files', cause });
  }
}

/** The code in an answer that tells of an error; its other words may repeat what was signed. */
const errorCode = async (answer: Response): Promise<string | undefined> =>
  textOf(await answer.text().catch(() => ''), 'Code');

/** The text of the first element of a name. */
function textOf(xml: string, name: string): string | undefined {
  const text = new RegExp(`<${name}>([^<]*)</${name}>`).exec(xml)?.[1];
  return text?.replace(/&(?:#(\d+)|#x([\da-f]+)|(\w+));/gi, (whole, decimal, hexadecimal, named) => {
    if (named !== undefined) return entities[named as string] ?? whole;
    return String.fromCodePoint(decimal === undefined ? parseInt(hexadecimal, 16) : Number(decimal));
  });
}

const entities: Readonly<Record<string, string>> = { amp: '&', lt: '<', gt: '>', quot: '"', apos: "'" };
