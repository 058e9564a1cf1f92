/*
 * How long commands take that have little to do: process start, modules, the network's graph, ONNX Runtime's session, one pass.
 *
 *   node bench/startup.mjs [ROUNDS] [PACKAGE...]
 *   node bench/startup.mjs --parts
 *
 * The first prints the median seconds of each command, on the clock and of the processors, for this package and others beside it
 * (folders, such as a checkout of an earlier commit that was built), in turns. The second prints where the time goes in each thread:
 * samples of V8's profiler by what they are of. For that it starts the files as they are compiled, since those of the bundle have no
 * names.
 */
import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { median } from './processes.mjs';

const root = fileURLToPath(new URL('..', import.meta.url));
const folder = mkdtempSync(join(tmpdir(), 'pastiche-startup-'));
const example = (name) => join(root, 'examples', name);
const [photograph, painting] = [example('picos-de-europa.jpg'), example('great-wave.jpg')];
const written = ['--size', '512', '-o', join(folder, 'out.png'), '--quiet'];
const commands = {
  help: ['--help'],
  'unknown flag': ['stylize', photograph, painting, '-o', 'out.png', '--sise', '512'],
  'no picture': ['apply', 'wave', join(folder, 'none.jpg'), '-o', join(folder, 'out.png')],
  apply: ['apply', 'wave', photograph, ...written],
  'stylize --fast': ['stylize', photograph, painting, '--fast', ...written],
  'one iteration': ['stylize', photograph, painting, '--iterations', '1', ...written],
};
/** Those that end with an error, which is theirs to say. */
const refused = ['unknown flag', 'no picture'];

/** Tells what the process took, all threads together, when it ends. */
const telling = `data:text/javascript,${encodeURIComponent(`
  import { writeSync } from 'node:fs';
  process.on('exit', () => writeSync(3, JSON.stringify(process.cpuUsage())));`)}`;

function run(main, name) {
  const started = performance.now();
  const { output, status, error } = spawnSync(
    process.execPath,
    ['--import', telling, main, ...commands[name]],
    {
      cwd: folder,
      stdio: ['ignore', 'ignore', 'pipe', 'pipe'],
      encoding: 'utf8',
    },
  );
  if (error) throw error;
  if (status !== (refused.includes(name) ? 2 : 0))
    throw new Error(`${name} ended with ${status}:\n${output[2]}`);
  const { user, system } = JSON.parse(output[3]);
  return { seconds: (performance.now() - started) / 1000, user: user / 1e6, system: system / 1e6 };
}

const mainOf = (packageFolder) => {
  const { bin } = JSON.parse(readFileSync(join(packageFolder, 'package.json'), 'utf8'));
  return join(packageFolder, bin.pastiche);
};

function compare(rounds, packages) {
  console.log(`Medians of ${rounds} rounds, in seconds: on the clock (user + system)`);
  for (const name of Object.keys(commands)) {
    const runs = packages.map(() => []);
    for (let round = 0; round < rounds; round += 1)
      packages.forEach((one, index) => runs[index].push(run(mainOf(one), name)));
    const columns = runs.map((all) => {
      const [seconds, user, system] = ['seconds', 'user', 'system'].map((key) =>
        median(all.map((one) => one[key])).toFixed(2),
      );
      return `${seconds} (${user} + ${system})`;
    });
    console.log([name.padEnd(16), ...columns].join('  '));
  }
}

/** Has the threads of a process profiled as well, which we start without its flags. */
const profiling = (flags) =>
  `data:text/javascript,${encodeURIComponent(`
    import threads from 'node:worker_threads';
    import { syncBuiltinESMExports } from 'node:module';
    const { Worker } = threads;
    threads.Worker = class extends Worker {
      constructor(file, options) {
        super(file, { ...options, execArgv: ${JSON.stringify(flags)} });
      }
    };
    syncBuiltinESMExports();`)}`;

/** What a sample is of: the first of these that a frame's file, or its function, is like, from the innermost frame outwards. */
const parts = [
  ['garbage collection', /\(garbage collector\)/],
  ['waiting', /\(idle\)/],
  ['ONNX Runtime', /onnxruntime-node/],
  ['reading and writing pictures', /\/sharp\/|dist\/images/],
  ['encoding graphs', /protobuf|dist\/graph\/onnx/],
  ['simplifying graphs', /dist\/graph\/simplify/],
  ['building graphs', /dist\/(graph|networks|losses)\//],
  ['reading weights', /dist\/(weights|formats)\//],
  ['modules', /node:internal\/modules|node:internal\/process\/esm|node_modules/],
  ['Pastiche beside that', /dist\//],
];

function partOf(sample, nodes) {
  for (let node = nodes.get(sample); node !== undefined; node = nodes.get(node.parent)) {
    const { functionName, url } = node.callFrame;
    const found = parts.find(([, pattern]) => pattern.test(url) || pattern.test(functionName));
    if (found !== undefined) return found[0];
  }
  return 'Node.js beside that';
}

/** Milliseconds of each part in a profile. */
function partsOf({ nodes: list, samples, timeDeltas }) {
  const nodes = new Map(list.map((node) => [node.id, node]));
  for (const node of list) for (const child of node.children ?? []) nodes.get(child).parent = node.id;
  const known = new Map();
  const sums = {};
  samples.forEach((sample, index) => {
    if (!known.has(sample)) known.set(sample, partOf(sample, nodes));
    const part = known.get(sample);
    sums[part] = (sums[part] ?? 0) + timeDeltas[index] / 1000;
  });
  return Object.entries(sums).sort(([, one], [, other]) => other - one);
}

function printParts() {
  for (const [name, args] of Object.entries(commands)) {
    const profiles = join(folder, name.replaceAll(' ', '-'));
    mkdirSync(profiles);
    const flags = ['--cpu-prof', '--cpu-prof-interval=500', `--cpu-prof-dir=${profiles}`];
    const main = join(root, 'dist/cli/main.js');
    spawnSync(process.execPath, [...flags, '--import', profiling(flags), main, ...args], {
      ...{ cwd: folder, stdio: 'ignore' },
    });
    readdirSync(profiles)
      .sort()
      .forEach((file, thread) => {
        console.log(`${name}, thread ${thread + 1}, milliseconds`);
        for (const [part, milliseconds] of partsOf(JSON.parse(readFileSync(join(profiles, file), 'utf8'))))
          console.log(`  ${part.padEnd(30)}${milliseconds.toFixed(0).padStart(6)}`);
      });
  }
}

try {
  const [first, ...others] = process.argv.slice(2);
  if (first === '--parts') printParts();
  else compare(Number(first ?? 5), [root, ...others.map((one) => resolve(one))]);
} finally {
  rmSync(folder, { recursive: true, force: true });
}
