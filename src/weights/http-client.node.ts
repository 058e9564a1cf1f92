import { EnvHttpProxyAgent, interceptors, Pool, request, type Dispatcher } from 'undici';
import { StyleError } from '../errors.js';

/** Why a request came to nothing, as the middle of a sentence. `transient` failures are worth another try. */
export class DownloadFailure extends Error {
  override readonly name = 'DownloadFailure';

  constructor(
    message: string,
    readonly transient: boolean,
    cause?: unknown,
  ) {
    super(message, { cause });
  }
}

export interface HttpAnswer {
  readonly status: number;
  header(name: string): string | undefined;
  /** The body. Reading it throws {@link DownloadFailure} when the connection breaks off or is silent for too long. */
  readonly chunks: AsyncIterable<Uint8Array>;
}

export interface HttpClientOptions {
  readonly signal?: AbortSignal | undefined;
  /** Milliseconds without any byte after which a request fails. @defaultValue 30 s */
  readonly inactivityTimeout?: number | undefined;
  /** Where http_proxy, https_proxy and no_proxy (or in capitals) are looked up. @defaultValue the process's own */
  readonly environment?: Readonly<Record<string, string | undefined>> | undefined;
}

/** What codes and messages of the network layer mean to a person. */
const reasons: readonly (readonly [RegExp, (host: string, seconds: number) => string])[] = [
  [/ENOTFOUND|EAI_AGAIN/, (host) => `the name ${host} was not found, as happens without a network`],
  [/ECONNREFUSED/, (host) => `${host} refused the connection`],
  [/ENETUNREACH|EHOSTUNREACH/, (host) => `there is no way to ${host}, as happens without a network`],
  [/ECONNRESET|EPIPE|UND_ERR_SOCKET/, (host) => `the connection to ${host} broke off`],
  [/UND_ERR_.*TIMEOUT/, (host, seconds) => `${host} sent nothing for ${seconds} s`],
  [/redirect loop/i, (host) => `${host} redirects in a circle`],
  [/UND_ERR_INVALID_ARG/, (host) => `${host} redirects to what is not an http or https address`],
];
/** What another try will not change. */
const lasting = /CERT|SSL|TLS|SELF_SIGNED|UNABLE_TO|INVALID/;

/**
 * GET requests that follow redirects and go through the proxies of the environment; one at a time. They are tried again by
 * `transfer.node.ts`, not by undici: its retry resumes within one call only, not in a later run, counts failures in all
 * instead of those in a row, and gives up when the file has changed, where we begin anew.
 */
export class HttpClient {
  private readonly dispatcher: Dispatcher;
  private readonly timeout: number;
  /** Where the present request has got to: redirects change it. */
  private at: URL | undefined;

  /** @throws StyleError `E_ARGUMENT` when the environment names a proxy that is no address */
  constructor(private readonly options: HttpClientOptions = {}) {
    this.timeout = options.inactivityTimeout ?? 30_000;
    const environment = options.environment ?? process.env;
    const timeouts = { headersTimeout: this.timeout, bodyTimeout: this.timeout };
    const proxies = {
      httpProxy: environment['http_proxy'] ?? environment['HTTP_PROXY'] ?? '',
      httpsProxy: environment['https_proxy'] ?? environment['HTTPS_PROXY'] ?? '',
      noProxy: environment['no_proxy'] ?? environment['NO_PROXY'] ?? '',
    };
    try {
      this.dispatcher = new EnvHttpProxyAgent({
        ...proxies,
        ...timeouts,
        connect: { timeout: this.timeout },
        // The proxy itself is waited for no longer.
        clientFactory: (origin, options) => new Pool(origin, { ...timeouts, ...options }),
      }).compose(this.follow, interceptors.redirect({ maxRedirections: 10 }));
    } catch (cause) {
      throw new StyleError(
        'E_ARGUMENT',
        `The proxy "${proxies.httpsProxy || proxies.httpProxy}" of the environment is not an address.`,
        'Set http_proxy and https_proxy to addresses such as http://proxy.example:3128, or unset them.',
        { cause },
      );
    }
  }

  /**
   * Asks for a file; what is not read of the answer, of whatever status, is let go.
   * @param url http or https address
   * @throws DownloadFailure when no answer comes
   */
  async get<T>(
    url: string,
    headers: Readonly<Record<string, string>>,
    use: (answer: HttpAnswer) => Promise<T>,
  ): Promise<T> {
    this.at = undefined;
    if (!URL.canParse(url) || !/^https?:$/.test(new URL(url).protocol)) {
      throw new DownloadFailure(`"${url}" is not an http or https address`, false);
    }
    const response = await request(url, {
      dispatcher: this.dispatcher,
      signal: this.options.signal ?? null,
      headers: { 'accept-encoding': 'identity', 'user-agent': 'pastiche', ...headers },
    }).catch((error: unknown) => {
      throw this.failure(error);
    });
    try {
      const header = (name: string) => [response.headers[name]].flat()[0];
      return await use({ status: response.statusCode, header, chunks: this.read(response.body) });
    } finally {
      response.body.on('error', () => undefined).destroy();
    }
  }

  private async *read(body: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array, void> {
    try {
      yield* body;
    } catch (error) {
      throw this.failure(error);
    }
  }

  /** Gives the connections back. */
  async close(): Promise<void> {
    await this.dispatcher.destroy();
  }

  private failure(error: unknown): DownloadFailure {
    if (error instanceof DownloadFailure) return error;
    const { code = '', message } = error as { code?: string | number; message: string };
    const host = this.at?.host ?? 'the server';
    const reason = reasons.find(([pattern]) => pattern.test(`${code} ${message}`))?.[1];
    const text = reason?.(host, this.timeout / 1000) ?? `the connection to ${host} failed: ${message}`;
    return new DownloadFailure(text, !lasting.test(String(code)), error);
  }

  /** Sees every request, those that a redirect leads to as well. */
  private readonly follow: Dispatcher.DispatcherComposeInterceptor = (dispatch) => (options, handler) => {
    const from = this.at;
    this.at = new URL(String(options.origin));
    if (from?.protocol === 'https:' && this.at.protocol === 'http:') {
      throw new DownloadFailure(`${from.host} redirects to the unencrypted address ${this.at.href}`, false);
    }
    return dispatch(options, handler);
  };
}
