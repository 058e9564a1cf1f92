import { EnvHttpProxyAgent, request, type Dispatcher } from 'undici';
import { StyleError } from '../errors.js';

/** Why a request came to nothing. `transient` failures are worth another try. */
export class DownloadFailure extends Error {
  override readonly name = 'DownloadFailure';

  constructor(
    /** The middle of a sentence: "the server answered 404 Not Found". */
    message: string,
    readonly transient: boolean,
    options?: ErrorOptions,
  ) {
    super(message, options);
  }
}

/** The answer to a request, its body still to be read by `chunks` or thrown away by `discard`. */
export interface HttpResponse {
  readonly status: number;
  header(name: string): string | undefined;
  /** The body. Reading it throws {@link DownloadFailure} when the connection breaks off or stays silent for too long. */
  chunks(): AsyncGenerator<Uint8Array, void, undefined>;
  discard(): void;
}

export interface HttpClientOptions {
  readonly signal?: AbortSignal | undefined;
  /** Milliseconds without any byte after which a request fails; 30 s unless told. */
  readonly inactivityTimeout?: number | undefined;
  /** Where http_proxy, https_proxy and no_proxy (or in capitals) are looked up; the process's unless told. */
  readonly environment?: NodeJS.ProcessEnv | undefined;
}

const redirects = [301, 302, 303, 307, 308];
const mostRedirects = 10;

/** GET requests that follow redirects, go through the proxies of the environment, and fail in words that a person understands. */
export class HttpClient {
  readonly #agent: Dispatcher;
  readonly #signal: AbortSignal | undefined;
  readonly #inactivityTimeout: number;

  /** @throws StyleError E_ARGUMENT when the environment names a proxy that is no address */
  constructor(options: HttpClientOptions = {}) {
    const environment = options.environment ?? process.env;
    this.#signal = options.signal;
    this.#inactivityTimeout = options.inactivityTimeout ?? 30_000;
    const proxies = {
      httpProxy: environment['http_proxy'] ?? environment['HTTP_PROXY'] ?? '',
      httpsProxy: environment['https_proxy'] ?? environment['HTTPS_PROXY'] ?? '',
      noProxy: environment['no_proxy'] ?? environment['NO_PROXY'] ?? '',
    };
    try {
      this.#agent = new EnvHttpProxyAgent(proxies);
    } catch (cause) {
      throw new StyleError(
        'E_ARGUMENT',
        `The proxy '${proxies.httpsProxy || proxies.httpProxy}' of the environment is not an address.`,
        'Set http_proxy and https_proxy to addresses such as http://proxy.example:3128, or unset them.',
        { cause },
      );
    }
  }

  /**
   * Asks for a file; redirects are followed, also relative ones.
   * @param url http or https address
   * @param headers sent with every request of the chain
   * @throws DownloadFailure when no answer comes; an answer of any status is returned
   */
  async get(url: string, headers: Readonly<Record<string, string>> = {}): Promise<HttpResponse> {
    let address = parseAddress(url);
    for (let hop = 0; hop <= mostRedirects; hop++) {
      const response = await this.#request(address, headers);
      const location = response.header('location');
      if (!redirects.includes(response.status) || location === undefined) return response;
      response.discard();
      const next = parseAddress(location, address);
      if (address.protocol === 'https:' && next.protocol === 'http:') {
        throw new DownloadFailure(`${address.host} redirects to the unencrypted address ${next.href}`, false);
      }
      address = next;
    }
    throw new DownloadFailure(`the server redirected more than ${mostRedirects} times`, false);
  }

  /** Gives the connections back. */
  async close(): Promise<void> {
    await this.#agent.destroy();
  }

  async #request(address: URL, headers: Readonly<Record<string, string>>): Promise<HttpResponse> {
    const silence = new AbortController();
    const timeout = this.#inactivityTimeout;
    const tooLong = new DownloadFailure(`${address.host} sent nothing for ${timeout / 1000} s`, true);
    let timer: NodeJS.Timeout | undefined;
    const watch = () => (timer = setTimeout(() => silence.abort(tooLong), timeout));
    const signal = this.#signal ? AbortSignal.any([this.#signal, silence.signal]) : silence.signal;
    watch();
    try {
      const {
        statusCode,
        headers: answered,
        body,
      } = await request(address, {
        dispatcher: this.#agent,
        signal,
        headers: { 'accept-encoding': 'identity', 'user-agent': 'pastiche', ...headers },
        // One clock watches over connecting, a proxy's answer, the headers and the body alike: the timer above.
        headersTimeout: 0,
        bodyTimeout: 0,
      });
      const discard = () => void body.on('error', () => undefined).destroy();
      return {
        status: statusCode,
        header: (name) => [answered[name]].flat()[0],
        discard,
        async *chunks() {
          const iterator = body[Symbol.asyncIterator]() as AsyncIterator<Uint8Array>;
          try {
            for (;;) {
              // The clock stands still while the reader is busy with a chunk: a slow disk is no silent server.
              watch();
              const next = await iterator.next();
              clearTimeout(timer);
              if (next.done) return;
              yield next.value;
            }
          } catch (error) {
            throw failureOf(error, address);
          } finally {
            clearTimeout(timer);
            discard();
          }
        },
      };
    } catch (error) {
      throw failureOf(error, address);
    } finally {
      clearTimeout(timer);
    }
  }
}

function parseAddress(url: string, base?: URL): URL {
  const address = URL.canParse(url, base?.href) ? new URL(url, base) : undefined;
  if (address?.protocol === 'http:' || address?.protocol === 'https:') return address;
  throw new DownloadFailure(`'${url}' is not an http or https address`, false);
}

/** Puts what the network layer says into words. */
function failureOf(error: unknown, address: URL): DownloadFailure {
  if (error instanceof DownloadFailure) return error;
  const { code, message } = error as { code?: unknown; message?: string };
  const options = { cause: error };
  switch (code) {
    case 'ENOTFOUND':
    case 'EAI_AGAIN':
      return new DownloadFailure(
        `the name ${address.hostname} was not found, as happens without a network`,
        true,
        options,
      );
    case 'ECONNREFUSED':
      return new DownloadFailure(`${address.host} refused the connection`, true, options);
    case 'ENETUNREACH':
    case 'EHOSTUNREACH':
      return new DownloadFailure(
        `there is no way to ${address.host}, as happens without a network`,
        true,
        options,
      );
    case 'ECONNRESET':
    case 'EPIPE':
    case 'UND_ERR_SOCKET':
      return new DownloadFailure(`the connection to ${address.host} broke off`, true, options);
  }
  const lasting = typeof code === 'string' && /CERT|SSL|TLS|SELF_SIGNED|UNABLE_TO|ERR_INVALID/.test(code);
  return new DownloadFailure(
    `the connection to ${address.host} failed: ${message ?? String(error)}`,
    !lasting,
    options,
  );
}
