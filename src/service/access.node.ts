import type { FastifyInstance, FastifyRequest } from 'fastify';
import type { ApiKeys } from './api-keys.node.js';
import { RequestRefusal } from './request-refusal.js';

declare module 'fastify' {
  interface FastifyRequest {
    /** Whose request it is: the identifier of its API key. */
    owner: string;
  }
  interface FastifyContextConfig {
    /** Whether the route needs no key. */
    isOpen?: boolean;
  }
}

/** Whose jobs they are where no key is needed. */
const keylessOwner = 'local';

/** Whether an address is this machine's own, which nobody else reaches. */
export const isLoopback = (host: string): boolean =>
  host === 'localhost' || host === '::1' || /^127(\.\d{1,3}){3}$/.test(host);

/** The name in a Host header, without its port. */
const hostName = (host: string): string => host.replace(/:\d*$/, '').replace(/^\[(.*)\]$/, '$1');

/**
 * Refuses what comes from another site's page: a browser sends that with the user's own access to this machine. Without keys the
 * server has to be called by this machine's own names, since any name can lead here.
 * @param origins of pages that may use the service beside its own
 */
export function refuseForeignPages(
  app: FastifyInstance,
  needsKey: boolean,
  origins: readonly string[],
): void {
  app.addHook('onRequest', async ({ headers, host }) => {
    const { origin } = headers;
    if (!needsKey && !isLoopback(hostName(host))) {
      throw refused(
        `No requests are taken for the name ${JSON.stringify(host)}.`,
        'Use localhost or 127.0.0.1.',
      );
    }
    if (origin === undefined || origins.includes(origin)) return;
    if (URL.canParse(origin) && new URL(origin).host === host) return;
    throw refused(
      `No requests are taken from pages of ${JSON.stringify(origin)}.`,
      'Who runs the service can allow the page.',
    );
  });
}

const refused = (message: string, remedy: string): RequestRefusal =>
  new RequestRefusal(403, 'E_REFUSED', message, remedy);

/** Finds out whose a request is, and refuses it where its key is not known, or where it has none and needs one. */
export function requireKey(app: FastifyInstance, keys: ApiKeys, needsKey: boolean): void {
  app.decorateRequest('owner', '');
  app.addHook('onRequest', async (request, reply) => {
    if (request.routeOptions.config.isOpen === true) return;
    const owner = await ownerOf(request, keys, needsKey);
    if (owner !== undefined) {
      request.owner = owner;
      return;
    }
    void reply.header('www-authenticate', 'Bearer');
    throw new RequestRefusal(
      401,
      'E_KEY',
      request.headers.authorization === undefined ? 'The request has no key.' : 'The key is not known.',
      'Send the header "Authorization: Bearer KEY" with a key that who runs the service has made.',
    );
  });
}

async function ownerOf(
  { headers }: FastifyRequest,
  keys: ApiKeys,
  needsKey: boolean,
): Promise<string | undefined> {
  const { authorization } = headers;
  if (authorization === undefined) return needsKey ? undefined : keylessOwner;
  const key = /^Bearer (\S{1,200})$/i.exec(authorization)?.[1];
  return key === undefined ? undefined : (await keys.find(key))?.id;
}
