/*
 * What the measurements of the service share: a server in a process of its own, and requests for tiny jobs.
 */
import { spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import sharp from 'sharp';

const main = fileURLToPath(new URL('../dist/command-line/main.js', import.meta.url));

/** Starts a server. @returns its process and its address */
export async function startServer(data, flags = []) {
  const server = spawn(
    process.execPath,
    [main, 'serve', '--port', '0', '--data', data, '--quiet', ...flags],
    {
      stdio: ['ignore', 'pipe', 'pipe'],
    },
  );
  let errors = '';
  server.stderr.setEncoding('utf8').on('data', (text) => (errors += text));
  const address = await new Promise((resolve, reject) => {
    let text = '';
    server.stdout.setEncoding('utf8').on('data', (more) => {
      text += more;
      const found = /(http:\S+)\n/.exec(text);
      if (found) resolve(found[1]);
    });
    server.once('exit', () => reject(new Error(`the server did not start: ${errors}`)));
  });
  return { server, address };
}

/** Ends a server as a power cut does. */
export async function kill(server) {
  const exited = new Promise((resolve) => server.once('exit', resolve));
  server.kill('SIGKILL');
  await exited;
}

/** Lets a server end by itself. */
export async function stop(server) {
  const exited = new Promise((resolve) => server.once('exit', resolve));
  server.kill('SIGTERM');
  await exited;
}

/** A small picture of a seed. */
export async function tinyPicture(seed, side = 48) {
  const data = Buffer.alloc(side * side * 3);
  for (let index = 0; index < data.length; index += 1)
    data[index] = 128 + 127 * Math.sin(index * (0.01 + 0.003 * (seed % 17)) + seed);
  return sharp(data, { raw: { width: side, height: side, channels: 3 } })
    .png()
    .toBuffer();
}

const first = await tinyPicture(1);
const second = await tinyPicture(2);

/** The form of a tiny job: every second one optimises, the others match colours, and of these every second one of three photographs. */
export function tinyForm(number) {
  const form = new FormData();
  const [content, reference, method, options] =
    number % 2 === 0
      ? ['content', 'styles', 'stylize', { size: 48, scales: [48], iterations: 3, seed: number }]
      : ['picture', 'reference', 'match-colors', {}];
  form.set('method', method);
  form.set('options', JSON.stringify(options));
  const photographs = number % 4 === 3 ? 3 : 1;
  for (let index = 1; index <= photographs; index += 1)
    form.append(content, new Blob([first]), `photograph-${index}.png`);
  form.set(reference, new Blob([second]), 'second.png');
  return form;
}

const hasEnded = ({ status }) => status !== 'queued' && status !== 'running';

/** Looks at all jobs of a service again and again, and says in the end what has become of them. */
export class JobWatch {
  ended = new Map();
  again = 0;

  /** @param ask fetches a path of the service, however long that takes */
  constructor(ask) {
    this.ask = ask;
  }

  /** How many jobs have ended by now; a time of an end that has changed means that one was done again. */
  async countEnded() {
    return (await this.look()).filter(hasEnded).length;
  }

  async haveAllEnded() {
    return (await this.look()).every(hasEnded);
  }

  /**
   * Fetches every result.
   * @param accepted the ids that were answered
   * @param more what else the report says: how many `jobs` there have to be, what was killed
   * @returns the report, and whether each job is there once, done, with a result that decodes
   */
  async verdict(accepted, more) {
    const found = await this.look();
    let undecoded = 0;
    for (const { id, status, children, result } of found) {
      if (status !== 'done') continue;
      const ends = children === null ? [''] : result.files.map(({ name }) => `/${name}`);
      if (ends.length !== (children?.total ?? 1)) undecoded += 1;
      for (const end of ends) {
        const bytes = Buffer.from(await (await this.ask(`/jobs/${id}/result${end}`)).arrayBuffer());
        const { info } = await sharp(bytes)
          .raw()
          .toBuffer({ resolveWithObject: true })
          .catch(() => ({}));
        if (info?.width !== 48 || info.height !== 48) undecoded += 1;
      }
    }
    const ids = new Set(found.map(({ id }) => id));
    const report = {
      ...{ ...more, there: found.length },
      done: found.filter(({ status }) => status === 'done').length,
      lost: accepted.filter((id) => !ids.has(id)).length,
      doubled: found.length - new Set(accepted).size,
      ...{ again: this.again, undecoded },
    };
    const faults = [report.lost, report.doubled, this.again, undecoded];
    return { report, isSound: report.done === more.jobs && faults.every((number) => number === 0) };
  }

  async look() {
    const found = [];
    for (let after = ''; after !== null;) {
      const page = await (await this.ask(`/jobs?limit=100${after}`)).json();
      found.push(...page.jobs);
      after = page.next && `&after=${page.next}`;
    }
    const parts = [];
    for (const { id, children } of found) {
      if (children === null || children.queued === children.total) continue;
      parts.push(...(await (await this.ask(`/jobs/${id}/children?limit=100`)).json()).jobs);
    }
    for (const { id, finished } of [...found, ...parts].filter(hasEnded)) {
      if (this.ended.has(id) && this.ended.get(id) !== finished) this.again += 1;
      this.ended.set(id, finished);
    }
    return found;
  }
}
