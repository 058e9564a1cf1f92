import { once } from 'node:events';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { createRequire } from 'node:module';
import type { AddressInfo } from 'node:net';
import { buffer } from 'node:stream/consumers';
import { afterAll, vi } from 'vitest';
import type { S3Address } from '../../src/service/s3-address.node.js';

const ends: (() => Promise<unknown>)[] = [];
afterAll(async () => {
  for (const end of ends) await end();
});

/** The address of a bucket of a server of the tests. */
export const addressAt = (endpoint: string, more: Partial<S3Address> = {}): S3Address => ({
  ...{ bucket: 'pictures', prefix: 'shop/', endpoint, region: 'us-east-1' },
  ...{ accessKeyId: 'S3RVER', secretAccessKey: 'S3RVER', sessionToken: undefined, ...more },
});

/** Starts s3rver, which others have written; it has one bucket. @returns its endpoint */
export async function startS3rver(directory: string): Promise<string> {
  const S3rver = createRequire(import.meta.url)('s3rver') as new (options: object) => {
    run(): Promise<AddressInfo>;
    close(): Promise<void>;
  };
  const buckets = { configureBuckets: [{ name: 'pictures' }] };
  const server = new S3rver({ address: '127.0.0.1', port: 0, silent: true, directory, ...buckets });
  const { port } = await server.run();
  ends.push(() => server.close());
  return `http://127.0.0.1:${port}`;
}

/** Sets what a service and its workers know of a server of S3 from. @returns the address of a folder of its bucket */
export function useS3(endpoint: string): string {
  vi.stubEnv('AWS_REGION', 'us-east-1');
  vi.stubEnv('AWS_ACCESS_KEY_ID', 'S3RVER');
  vi.stubEnv('AWS_SECRET_ACCESS_KEY', 'S3RVER');
  vi.stubEnv('AWS_ENDPOINT_URL_S3', endpoint);
  return 's3://pictures/shop';
}

/** A server of S3 that answers as it is told to, with lists of two entries and writes on condition. */
export class S3Stub {
  readonly objects = new Map<string, Buffer>();
  /** The requests that came, as `GET /pictures/key`. */
  readonly requests: string[] = [];
  /** What the next requests are refused with. */
  readonly refusals: [status: number, code: string][] = [];
  /** How many of the next downloads end after half of their bytes. */
  truncations = 0;
  /** Whether it compares before it writes; one that doesn't answers 501. */
  knowsConditions = true;

  private constructor(private readonly server: Server) {}

  static async start(): Promise<S3Stub> {
    const server = createServer((request, response) => void stub.answer(request, response));
    const stub = new S3Stub(server);
    await once(server.listen(0, '127.0.0.1'), 'listening');
    ends.push(async () => {
      server.closeAllConnections();
      server.close();
    });
    return stub;
  }

  get endpoint(): string {
    return `http://127.0.0.1:${(this.server.address() as AddressInfo).port}`;
  }

  private async answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const url = new URL(request.url!, this.endpoint);
    const key = url.pathname.slice('/pictures/'.length);
    // Of one whose sender was killed nothing is stored.
    const body = await buffer(request).catch(() => undefined);
    if (body === undefined) return;
    this.requests.push(`${request.method} ${url.pathname}`);
    const refuse = (status: number, code: string): void => {
      response.writeHead(status, { 'content-type': 'application/xml' });
      response.end(`<?xml version="1.0"?><Error><Code>${code}</Code><Message>no</Message></Error>`);
    };
    const refusal = this.refusals.shift();
    if (refusal !== undefined) return refuse(...refusal);
    if (!request.headers.authorization?.startsWith('AWS4-HMAC-SHA256 Credential=S3RVER/'))
      return refuse(403, 'InvalidAccessKeyId');
    const found = this.objects.get(key);
    if (url.searchParams.has('list-type')) response.end(this.page(url.searchParams));
    else if (request.method === 'PUT') {
      if (request.headers['if-none-match'] === '*' && !this.knowsConditions)
        return refuse(501, 'NotImplemented');
      if (request.headers['if-none-match'] === '*' && found) return refuse(412, 'PreconditionFailed');
      this.objects.set(key, body);
      response.end();
    } else if (request.method === 'DELETE') {
      this.objects.delete(key);
      response.writeHead(204).end();
    } else if (found === undefined) refuse(404, 'NoSuchKey');
    else {
      response.writeHead(200, { 'content-length': found.length });
      if (request.method === 'HEAD') response.end();
      else if (this.truncations > 0) {
        this.truncations--;
        response.write(found.subarray(0, found.length / 2), () => response.destroy());
      } else response.end(found);
    }
  }

  private page(query: URLSearchParams): string {
    const keys = [...this.objects.keys()].filter((key) => key.startsWith(query.get('prefix') ?? '')).sort();
    // Tokens are opaque: this one has characters that XML and addresses write otherwise.
    const begin = Number(query.get('continuation-token')?.replace(/^&=\+ /, '') ?? 0);
    const contents = keys.slice(begin, begin + 2).map((key) => {
      const changed = new Date(1e12).toISOString();
      return `<Contents>\n<Key>${key}</Key><LastModified>${changed}</LastModified></Contents>`;
    });
    const next = `<NextContinuationToken>&amp;=&#43; ${begin + 2}</NextContinuationToken>`;
    const isTruncated = begin + 2 < keys.length;
    return `<ListBucketResult><IsTruncated>${isTruncated}</IsTruncated>${isTruncated ? next : ''}${contents.join('')}</ListBucketResult>`;
  }
}
