import helmet, { type FastifyHelmetOptions } from '@fastify/helmet';
import type { FastifyInstance } from 'fastify';

/** What a page may do: everything comes from where it comes from, and nothing goes elsewhere. */
const policy = {
  'default-src': ["'self'"],
  'script-src': ["'self'", "'wasm-unsafe-eval'"],
  'style-src': ["'self'", "'unsafe-inline'"],
  'img-src': ["'self'", 'blob:', 'data:'],
  'media-src': ["'self'", 'blob:'],
  'connect-src': ["'self'", 'blob:'],
  'worker-src': ["'self'", 'blob:'],
  'object-src': ["'none'"],
  'base-uri': ["'self'"],
  'form-action': ["'none'"],
  'frame-ancestors': ["'none'"],
};

const options: FastifyHelmetOptions = {
  contentSecurityPolicy: { useDefaults: false, directives: policy },
  crossOriginEmbedderPolicy: { policy: 'require-corp' },
  crossOriginOpenerPolicy: { policy: 'same-origin' },
  crossOriginResourcePolicy: { policy: 'same-origin' },
  // The address may be the machine's own, which has no certificate.
  strictTransportSecurity: false,
};

/**
 * Gives every answer of a server the headers that isolate its pages from other sites, which threads need, and keep them from asking
 * anything of these. Once for a server, whatever it serves: two headers of a kind would both count.
 */
export async function isolatePages(server: FastifyInstance): Promise<void> {
  await server.register(helmet, options);
}
