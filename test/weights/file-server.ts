import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

export type Answer = (request: IncomingMessage, response: ServerResponse) => void;

/** A server on this machine that answers as it is told, one answer per request, and remembers what it was asked. */
export class FileServer {
  readonly requests: { path: string; range: string | undefined; ifRange: string | undefined }[] = [];
  readonly #server: Server;
  #answers: Answer[] = [];

  private constructor() {
    this.#server = createServer((request, response) => {
      const { range, 'if-range': ifRange } = request.headers;
      this.requests.push({ path: request.url ?? '', range, ifRange: ifRange as string | undefined });
      // The last answer holds for all further requests.
      const answer = this.#answers.length > 1 ? this.#answers.shift()! : this.#answers[0]!;
      answer(request, response);
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
  return (request, response) => {
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
    void send(response, body, served);
  };
}

async function send(response: ServerResponse, body: Uint8Array, served: Served): Promise<void> {
  const { stopAfter = body.length, restAfter } = served;
  if (restAfter) {
    response.write(body.subarray(0, Math.floor(stopAfter / 2)));
    await restAfter;
    response.write(body.subarray(Math.floor(stopAfter / 2), stopAfter));
  } else {
    await new Promise((resolve) => response.write(body.subarray(0, stopAfter), resolve));
  }
  if (stopAfter >= body.length) response.end();
  else if (!served.thenSilent) setTimeout(() => response.destroy(), 30);
}

export function status(code: number, headers: Record<string, string> = {}): Answer {
  return (_request, response) => response.writeHead(code, headers).end('no file here');
}

export function redirect(location: string, code = 302): Answer {
  return status(code, { location });
}
