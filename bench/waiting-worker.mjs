/*
 * The workers' program with work that is only waiting: for the file that PASTICHE_BENCH_GATE names, then for as many milliseconds as a
 * job's seed says. Its results are the bytes of the job's first picture.
 */
import { existsSync } from 'node:fs';
import { copyFile, stat } from 'node:fs/promises';
import { join } from 'node:path';

const pause = (time) => new Promise((resolve) => setTimeout(resolve, time));
const gate = process.env.PASTICHE_BENCH_GATE;

async function perform({ folder, pictureFolder, request }) {
  while (!existsSync(gate)) await pause(5);
  if (request.options.seed > 0) await pause(request.options.seed);
  const [{ file }] = Object.values(request.pictures).flat();
  const [source, name] = [join(pictureFolder, file), `result${request.suffix}`];
  await copyFile(source, join(folder, name));
  const { size } = await stat(source);
  return { stopped: 'finished', files: [{ name, type: 'image/png', bytes: size }], numbers: {} };
}

process.on('message', async (message) => {
  if (message.type === 'check') process.send({ type: 'checked' });
  if (message.type === 'run') process.send({ type: 'finished', result: await perform(message) });
});
process.on('disconnect', () => process.exit());
