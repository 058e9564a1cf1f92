/*
 * The workers' program, which ends in the middle of some jobs, by the seed that they ask for: 901 always, 902 once after some
 * steps, 903 by taking more and more memory.
 */
import { existsSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

const die = () => process.kill(process.pid, 'SIGKILL');
let job;

function begin({ type, request, folder }) {
  if (type !== 'run') return;
  job = { seed: request.options.seed, marker: join(folder, 'crashed') };
  if (job.seed === 901) die();
  if (job.seed !== 903) return;
  const held = [];
  setInterval(() => held.push(Buffer.alloc(5e7, 1)), 20);
}

// Only one listener hears a message that was there before it.
const on = process.on.bind(process);
process.on = (event, listener) => {
  if (event !== 'message') return on(event, listener);
  return on(event, (message) => {
    begin(message);
    listener(message);
  });
};

const send = process.send.bind(process);
process.send = (message, ...rest) => {
  if (job?.seed === 902 && message.type === 'preview' && !existsSync(job.marker)) {
    writeFileSync(job.marker, '');
    setTimeout(die, 300);
  }
  return send(message, ...rest);
};

await import(process.env['PASTICHE_TEST_WORKER']);
