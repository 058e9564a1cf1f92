import { StyleError, type StyleErrorCode } from '../errors.js';
import type { Job, JobEvent, JobList, JobResult, Problem } from './job.js';

/** A picture to send: its bytes, or a `File`, whose name its result has where there are several photographs. */
export type SentPicture = Blob | Uint8Array;

/** What is asked for. */
export interface ServiceRequest {
  /** One of the methods, such as `stylize`. */
  readonly method: string;
  /** By role, such as `content` and `styles`. Several of the first role are a job each, and one job together. */
  readonly pictures: Readonly<Record<string, SentPicture | string | readonly (SentPicture | string)[]>>;
  readonly options?: object;
  /** The name of a network, a model or a style. */
  readonly network?: string;
  /** The suffix of a picture's file. @defaultValue png */
  readonly format?: string;
}

/** How a service is reached. */
export interface ServiceClientOptions {
  readonly key?: string;
  /** @defaultValue the platform's */
  readonly fetch?: typeof fetch;
}

/** What a call may have. */
export interface ServiceCall {
  readonly signal?: AbortSignal;
}

/**
 * Talks to a Pastiche service, in browsers and in Node.js. Every method throws a {@link StyleError} with the service's code,
 * message and remedy where it refuses, and what `fetch` throws where it can't be reached.
 * @example
 * ```ts no-run
 * import { readFile } from 'node:fs/promises';
 * import { ServiceClient } from 'pastiche/client';
 *
 * const client = new ServiceClient('http://127.0.0.1:8080');
 * const { id } = await client.submit({
 *   method: 'stylize',
 *   pictures: { content: await readFile('photo.jpg'), styles: await readFile('painting.jpg') },
 *   options: { size: 384 },
 * });
 * for await (const event of client.follow(id)) if (event.type === 'progress') console.log(event.progress.done);
 * const picture = await client.result(id);
 * ```
 */
export class ServiceClient {
  private readonly address: string;
  private readonly headers: Readonly<Record<string, string>>;
  private readonly fetch: typeof fetch;

  /** @param address of the service, such as `http://127.0.0.1:8080` */
  constructor(address: string, { key, fetch: given }: ServiceClientOptions = {}) {
    this.address = address.replace(/\/+$/, '');
    this.headers = key === undefined ? {} : { authorization: `Bearer ${key}` };
    this.fetch = given ?? ((...call) => fetch(...call));
  }

  /**
   * Hands in a job.
   * @param call with an idempotency key it may be sent again without being done twice
   */
  async submit(
    request: ServiceRequest,
    call: ServiceCall & { readonly idempotencyKey?: string } = {},
  ): Promise<Job> {
    const { idempotencyKey } = call;
    const headers: Record<string, string> =
      idempotencyKey === undefined ? {} : { 'idempotency-key': idempotencyKey };
    const response = await this.send('/jobs', { method: 'POST', body: formOf(request), headers }, call);
    return (await response.json()) as Job;
  }

  /** Does a method that needs one pass. @returns the file of its result */
  async fast(request: ServiceRequest, call: ServiceCall = {}): Promise<Blob> {
    return (await this.send('/fast', { method: 'POST', body: formOf(request) }, call)).blob();
  }

  async job(id: string, call: ServiceCall = {}): Promise<Job> {
    return (await (await this.send(pathOf(id), {}, call)).json()) as Job;
  }

  /** One page of jobs, the newest first. @param after `next` of the page before */
  async jobs(
    { limit = 20, after }: { readonly limit?: number; readonly after?: string } = {},
    call: ServiceCall = {},
  ) {
    return (await (await this.send(`/jobs${pageQuery(limit, after)}`, {}, call)).json()) as JobList;
  }

  /** One page of the jobs that a job of several photographs consists of, in their order. @param after `next` of the page before */
  async children(
    id: string,
    { limit = 20, after }: { readonly limit?: number; readonly after?: string } = {},
    call: ServiceCall = {},
  ): Promise<JobList> {
    return (await (
      await this.send(`${pathOf(id)}/children${pageQuery(limit, after)}`, {}, call)
    ).json()) as JobList;
  }

  /** What happens to a job, from where it stands until it has ended. */
  async *follow(id: string, call: ServiceCall = {}): AsyncGenerator<JobEvent, void, void> {
    const { body } = await this.send(`${pathOf(id)}/events`, {}, call);
    const reader = body!.pipeThrough(new TextDecoderStream()).getReader();
    try {
      for (let text = ''; ;) {
        const { value, done } = await reader.read();
        if (done) return;
        text += value;
        const events = text.split('\n\n');
        text = events.pop()!;
        for (const event of events) {
          const parsed = parseEvent(event);
          if (parsed !== undefined) yield parsed;
        }
      }
    } finally {
      await reader.cancel().catch(() => undefined);
    }
  }

  /** Waits until a job has ended. */
  async wait(id: string, call: ServiceCall = {}): Promise<Job> {
    for (;;) {
      for await (const event of this.follow(id, call)) {
        if (event.type === 'job' && event.job.finished !== null) return event.job;
      }
      // The service was stopped and may be there again.
      await new Promise((resolve) => setTimeout(resolve, 1000));
    }
  }

  /** A file of a job's result. @param name one of those that the job lists, where there are several */
  async result(id: string, name?: string, call: ServiceCall = {}): Promise<Blob> {
    const file = name === undefined ? '' : `/${encodeURIComponent(name)}`;
    return (await this.send(`${pathOf(id)}/result${file}`, {}, call)).blob();
  }

  /** What a job has given in numbers, and which files. */
  async numbers(id: string, call: ServiceCall = {}): Promise<JobResult | null> {
    return (await this.job(id, call)).result;
  }

  /** Stops a job; the best result so far is kept. */
  async cancel(id: string, call: ServiceCall = {}): Promise<Job> {
    return (await (await this.send(`${pathOf(id)}/cancel`, { method: 'POST' }, call)).json()) as Job;
  }

  /** Deletes a job with its files. */
  async remove(id: string, call: ServiceCall = {}): Promise<void> {
    await this.send(pathOf(id), { method: 'DELETE' }, call);
  }

  private async send(path: string, request: RequestInit, { signal }: ServiceCall): Promise<Response> {
    const headers = { ...this.headers, ...(request.headers as Record<string, string> | undefined) };
    const response = await this.fetch(`${this.address}${path}`, {
      ...{ ...request, headers },
      ...(signal === undefined ? {} : { signal }),
    });
    if (response.ok) return response;
    const answer = (await response.json().catch(() => undefined)) as { error?: Problem } | undefined;
    if (answer?.error !== undefined) throw problemError(answer.error);
    throw new StyleError(
      'E_NOT_FOUND',
      `"${this.address}" answers with the status ${response.status}, which is no answer of the service.`,
      'Check the address.',
    );
  }
}

const pageQuery = (limit: number, after: string | undefined): string =>
  `?${new URLSearchParams({ limit: String(limit), ...(after === undefined ? {} : { after }) })}`;

const pathOf = (id: string): string => `/jobs/${encodeURIComponent(id)}`;

/** A problem that the service has told as an error. */
function problemError({ code, message, remedy, option }: Problem): StyleError {
  return new StyleError(code as StyleErrorCode, message, remedy, option === undefined ? {} : { option });
}

function formOf({ method, pictures, options, network, format }: ServiceRequest): FormData {
  const form = new FormData();
  for (const [name, value] of Object.entries({ method, network, format }))
    if (value !== undefined) form.set(name, value);
  if (options !== undefined) form.set('options', JSON.stringify(options));
  for (const [role, given] of Object.entries(pictures)) {
    for (const picture of [given].flat() as (SentPicture | string)[]) {
      if (typeof picture === 'string') form.append(role, picture);
      else if (picture instanceof File) form.append(role, picture);
      else form.append(role, picture instanceof Blob ? picture : new Blob([new Uint8Array(picture)]), role);
    }
  }
  return form;
}

function parseEvent(text: string): JobEvent | undefined {
  const type = /^event: (.*)$/m.exec(text)?.[1];
  const data = /^data: (.*)$/m.exec(text)?.[1];
  if (data === undefined) return undefined;
  const value = JSON.parse(data) as never;
  if (type === 'job' || type === 'child') return { type, job: value };
  if (type === 'progress') return { type, progress: value };
  if (type === 'preview') return { type, ...(value as { readonly image: string }) };
  return undefined;
}
