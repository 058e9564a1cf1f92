/*
 * A Redis of its own for a measurement, on loopback, which writes down what it has answered.
 */
import { spawn } from 'node:child_process';
import { connect, createServer } from 'node:net';

const pause = (time) => new Promise((resolve) => setTimeout(resolve, time));

/** A port that nothing listens on. */
export const freePort = () =>
  new Promise((resolve) => {
    const taken = createServer().listen(0, '127.0.0.1', () => {
      const { port } = taken.address();
      taken.close(() => resolve(port));
    });
  });

const isThere = (port) =>
  new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1', () => socket.end('PING\r\n'));
    socket.once('data', (text) => resolve(String(text).startsWith('+PONG')));
    socket.once('error', () => resolve(false)).once('close', () => resolve(false));
  });

/** Starts a server with an append-only file in a folder, or goes on with the one that is there. @returns its process */
export async function startRedis(port, dir) {
  const durable = ['--save', '', '--appendonly', 'yes', '--appendfsync', 'always'];
  const flags = ['--port', String(port), '--bind', '127.0.0.1', '--dir', dir, ...durable];
  const server = spawn('redis-server', flags, { stdio: 'ignore' });
  while (!(await isThere(port))) await pause(20);
  return server;
}
