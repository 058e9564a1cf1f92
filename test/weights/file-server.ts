import { EventEmitter, once } from 'node:events';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

export type Answer = (request: IncomingMessage, response: ServerResponse, server: FileServer) => void;

/** A server on this machine that answers as it is told, one answer per request, and remembers what it was asked. */
export class FileServer {
  readonly requests: { path: string; range: string | undefined; ifRange: string | undefined }[] = [];
  readonly #server: Server;
  readonly #client = new EventEmitter();
  #answers: Answer[] = [];

  private constructor() {
    this.#server = createServer((request, response) => {
      const { range, 'if-range': ifRange } = request.headers;
      this.requests.push({ path: request.url ?? '', range, ifRange: ifRange as string | undefined });
      // The last answer holds for all further requests.
      const answer = this.#answers.length > 1 ? this.#answers.shift()! : this.#answers[0]!;
      answer(request, response, this);
    });
  }

  static async start(): Promise<FileServer> {
    const server = new FileServer();
    await new Promise<void>((resolve) => server.#server.listen(0, '127.0.0.1', resolve));
    return server;
  }

  get port(): number {
    return (this.#server.address() as AddressInfo).port;
  }

  url(path = '/file'): string {
    return `http://127.0.0.1:${this.port}${path}`;
  }

  /** The answers to come, and an empty memory. */
  answerWith(...answers: Answer[]): void {
    this.#answers = answers;
    this.requests.length = 0;
  }

  /** To be called when the client has taken bytes in: what still lies in buffers is lost when a connection breaks off. */
  clientHasRead(): void {
    this.#client.emit('read');
  }

  /** Settles when {@link clientHasRead} is called next, or at last when nobody calls it. */
  async clientReads(): Promise<void> {
    await once(this.#client, 'read', { signal: AbortSignal.timeout(20_000) }).catch(() => undefined);
  }

  async close(): Promise<void> {
    this.#server.closeAllConnections();
    await new Promise((resolve) => this.#server.close(resolve));
  }
}

export interface Served {
  etag?: string;
  lastModified?: string;
  /** Answers 200 with everything, whatever range is asked for. */
  ignoresRanges?: boolean;
  /** Sends only so many bytes of the body and then closes the connection, or falls silent. */
  stopAfter?: number;
  thenSilent?: boolean;
  /** Sends half of the body, and the rest when this comes about. */
  restAfter?: Promise<void>;
}

/** Answers with a file as RFC 9110 has it: Range, If-Range, 206 and 416. */
export function file(bytes: Uint8Array, served: Served = {}): Answer {
  return (request, response, server) => {
    const { etag, lastModified } = served;
    if (etag) response.setHeader('etag', etag);
    if (lastModified) response.setHeader('last-modified', lastModified);
    const condition = request.headers['if-range'];
    const current = condition === undefined || condition === etag || condition === lastModified;
    const match = /^bytes=(\d+)-(\d*)$/.exec(request.headers.range ?? '');
    let body = bytes;
    if (match && current && !served.ignoresRanges) {
      const first = Number(match[1]);
      const last = match[2] ? Math.min(Number(match[2]), bytes.length - 1) : bytes.length - 1;
      if (first > last) {
        response.writeHead(416, { 'content-range': `bytes */${bytes.length}` }).end();
        return;
      }
      body = bytes.subarray(first, last + 1);
      response.writeHead(206, {
        'content-range': `bytes ${first}-${last}/${bytes.length}`,
        'content-length': body.length,
      });
    } else {
      response.writeHead(200, { 'content-length': body.length });
    }
    void send(response, body, served, server);
  };
}

async function send(
  response: ServerResponse,
  body: Uint8Array,
  served: Served,
  server: FileServer,
): Promise<void> {
  const { stopAfter = body.length, restAfter, thenSilent = false } = served;
  const breakOff = stopAfter < body.length && !thenSilent ? server.clientReads() : undefined;
  if (restAfter) {
    response.write(body.subarray(0, Math.floor(stopAfter / 2)));
    await restAfter;
    response.write(body.subarray(Math.floor(stopAfter / 2), stopAfter));
  } else {
    await new Promise((resolve) => response.write(body.subarray(0, stopAfter), resolve));
  }
  if (stopAfter >= body.length) response.end();
  else await breakOff?.then(() => response.destroy());
}

export function status(code: number, headers: Record<string, string> = {}): Answer {
  return (_request, response) => response.writeHead(code, headers).end('no file here');
}

export function redirect(location: string, code = 302): Answer {
  return status(code, { location });
}
