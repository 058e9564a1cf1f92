import Fastify from 'fastify';
import type { AddressInfo } from 'node:net';
import { argumentError } from '../errors.js';
import { isolatePages } from './page-headers.node.js';
import { studioPages } from './studio-pages.node.js';

/** The studio, served on this machine. */
export interface StudioServer {
  readonly address: string;
  close(): Promise<void>;
}

/** The machine's own address: nobody else reaches it. */
const loopback = '127.0.0.1';

/**
 * Serves the studio to this machine alone.
 * @param port 0 for any that is free
 * @throws StyleError `E_ARGUMENT` for a port that is taken or may not be used, `E_INPUT_MISSING` where the page was not built
 */
export async function startStudio(port: number): Promise<StudioServer> {
  const server = Fastify({ forceCloseConnections: true });
  try {
    await isolatePages(server);
    await server.register(studioPages);
    await server.listen({ host: loopback, port });
  } catch (error) {
    await server.close();
    throw portError(error, port);
  }
  const { port: used } = server.server.address() as AddressInfo;
  return { address: `http://${loopback}:${used}/`, close: () => server.close() };
}

const reasons: Readonly<Record<string, string>> = {
  EADDRINUSE: 'is taken by another program',
  EACCES: 'may not be used by this user',
};

function portError(error: unknown, port: number): unknown {
  const reason = reasons[(error as NodeJS.ErrnoException).code ?? ''];
  if (reason === undefined) return error;
  return argumentError('port', `The port ${port} ${reason}.`, 'Give another one, or 0 for any that is free.');
}
