/*
 * Where an iteration's time and memory go, by operator and by tensor: `node bench/operators.mjs vgg19|16x SIDE [--threads 2] [--rows 12]`.
 * The graph is that of the loss and its gradient as `bench/iteration.mjs` times it, run by ONNX Runtime with its own profile. The first
 * table has the operators of the graph as ONNX Runtime runs it, the second the slowest nodes, the third the buffers that are held where
 * most is in use; a buffer has the names of all values that live in it, one after the other or as another shape of the same numbers.
 */
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { graph } from '../dist/engine.node.js';
import { decodeModel } from '../dist/graph/onnx-schema.js';
import { lossGraph } from '../dist/methods/optimization/compiled-loss.js';
import { resolveStylizeSettings } from '../dist/methods/stylize/options.js';
import { stylizeLoss } from '../dist/methods/stylize/picture-loss.js';
import { weightsOf, yardstickLoss } from './vgg.mjs';

const { values, positionals } = parseArgs({
  options: { threads: { type: 'string', default: '2' }, rows: { type: 'string', default: '12' } },
  allowPositionals: true,
});
const [network, side] = [positionals[0], Number(positionals[1])];
const rows = Number(values.rows);
const runs = 3;

const onnxruntime = createRequire(import.meta.url)('onnxruntime-node');
const folder = mkdtempSync(join(tmpdir(), 'pastiche-operators-'));
const [events, nodes] = await profile().finally(() => rmSync(folder, { recursive: true, force: true }));
const count = events.length / runs;
const inMilliseconds = (event) => event.dur / 1000;
const megabytes = (bytes) => (bytes / 1e6).toFixed(1);
const milliseconds = (sum) => sum.toFixed(1);
const shapeOf = ({ args }) =>
  args.output_type_shape.map((type) => `[${Object.values(type)[0].join(', ')}]`).join(' ');
const nameOf = ({ name }) => name.replace(/_kernel_time$/, '');

/** Operators whose output is their input's numbers in another shape. */
const reshaping = new Set(['Reshape', 'Squeeze', 'Unsqueeze', 'Flatten', 'Identity']);
const bytesOf = (type) => {
  const [[element, shape]] = Object.entries(type);
  return shape.reduce((product, length) => product * length, { int64: 8, bool: 1 }[element] ?? 4);
};

/** The run of least time, so that what else the machine did counts least. */
const run = Array.from({ length: runs }, (_, index) => events.slice(index * count, (index + 1) * count)).sort(
  (a, b) => total(a) - total(b),
)[0];
const all = total(run);

console.log(
  `${network} at ${side}x${side}, ${values.threads} threads: ${milliseconds(all)} ms in operators\n`,
);
table('operator', ['nodes', 'ms', 'share', 'GFLOP/s'], byOperator());
table(
  'node',
  ['operator', 'output', 'ms', 'share'],
  [...run]
    .sort((a, b) => b.dur - a.dur)
    .slice(0, rows)
    .map((event) => [
      nameOf(event),
      event.args.op_name,
      shapeOf(event),
      milliseconds(inMilliseconds(event)),
      percent(event.dur / 1000),
    ]),
);
const { fullest, held } = buffersAtPeak();
const { args } = run[fullest];
console.log(
  `Most is in use at ${nameOf(run[fullest])}: ${megabytes(args.mem_bytes_in_use)} MB, of ${megabytes(args.mem_arena_held)} MB that ` +
    `the arena has taken by then, constants apart; ${megabytes(held.reduce((sum, { bytes }) => sum + bytes, 0))} MB of it are:\n`,
);
table(
  'buffer',
  ['MB', 'until'],
  held
    .slice(0, 2 * rows)
    .map(({ names, bytes, until }) => [names.join(', '), megabytes(bytes), nameOf(run[until])]),
);

/** Runs the graph. @returns the profile's events of nodes, in order, and the nodes as they are run, by name */
async function profile() {
  const size = { width: side, height: side };
  const loss = lossGraph(stylizeLoss(await weightsOf(network), resolveStylizeSettings(yardstickLoss), size));
  const { bytes, inputs } = graph.encodeOnnx(loss);
  const optimised = join(folder, 'optimised.onnx');
  const session = await onnxruntime.InferenceSession.create(bytes, {
    intraOpNumThreads: Number(values.threads),
    interOpNumThreads: 1,
    enableMemPattern: false,
    graphOptimizationLevel: 'all',
    enableProfiling: true,
    profileFilePrefix: join(folder, 'profile'),
    optimizedModelFilePath: optimised,
    logSeverityLevel: 4,
  });
  const feeds = Object.fromEntries(
    Object.entries(inputs).map(([name, { shape }]) => {
      const numbers = new Float32Array(shape.reduce((product, length) => product * length, 1));
      const filled = numbers.map((_, index) => Math.abs(Math.sin(12.9898 * index)));
      return [name, new onnxruntime.Tensor('float32', filled, shape)];
    }),
  );
  for (let index = 0; index < runs; index += 1) await session.run(feeds);
  session.endProfiling();
  await session.release();
  const written = readdirSync(folder).find((file) => file.startsWith('profile'));
  const events = JSON.parse(readFileSync(join(folder, written), 'utf8')).filter(({ cat }) => cat === 'Node');
  return [events, new Map(decodeModel(readFileSync(optimised)).graph.node.map((node) => [node.name, node]))];
}

function total(events) {
  return events.reduce((sum, event) => sum + inMilliseconds(event), 0);
}

function percent(milliseconds) {
  return `${((100 * milliseconds) / all).toFixed(1)} %`;
}

/** Multiplications and additions of a convolution or a product; undefined for other operators. */
function operationsOf({ args }) {
  const [output, first, second] = [
    args.output_type_shape[0],
    args.input_type_shape[0],
    args.input_type_shape[1],
  ].map((type) => (type === undefined ? undefined : Object.values(type)[0]));
  const values = output?.reduce((product, length) => product * length, 1);
  if (args.op_name === 'Conv') return 2 * values * second[1] * second[2] * second[3];
  if (args.op_name !== 'Gemm' && args.op_name !== 'MatMul') return undefined;
  const numbers = (shape) => shape.reduce((product, length) => product * length, 1);
  // Of [m, k] and [k, n] in any order, k is the root of m k * k n / m n.
  return 2 * values * Math.sqrt((numbers(first) * numbers(second)) / values);
}

function byOperator() {
  const sums = new Map();
  for (const event of run) {
    const sum = sums.get(event.args.op_name) ?? { nodes: 0, ms: 0, operations: 0 };
    sum.nodes += 1;
    sum.ms += inMilliseconds(event);
    sum.operations += operationsOf(event) ?? 0;
    sums.set(event.args.op_name, sum);
  }
  return [...sums]
    .sort(([, a], [, b]) => b.ms - a.ms)
    .slice(0, rows)
    .map(([name, { nodes, ms, operations }]) => [
      name,
      nodes,
      milliseconds(ms),
      percent(ms),
      operations === 0 ? '' : (operations / ms / 1e6).toFixed(0),
    ]);
}

/** The values that are held while the node runs at which most is in use, largest first. */
function buffersAtPeak() {
  const fullest = run.reduce(
    (best, { args }, index) =>
      Number(args.mem_bytes_in_use) > Number(run[best].args.mem_bytes_in_use) ? index : best,
    0,
  );
  const buffers = new Map();
  run.forEach((event, index) => {
    const { input = [], output, opType } = nodes.get(nameOf(event));
    for (const name of input) if (buffers.has(name)) buffers.get(name).until = index;
    output.forEach((name, place) => {
      const type = event.args.output_type_shape[place];
      if (name === '' || type === undefined) return;
      const buffer = (reshaping.has(opType) && buffers.get(input[0])) || {
        names: [],
        bytes: bytesOf(type),
        from: index,
      };
      buffer.names.push(name);
      buffer.until = index;
      buffers.set(name, buffer);
    });
  });
  const held = [...new Set(buffers.values())]
    .filter(({ from, until }) => from <= fullest && until >= fullest)
    .sort((a, b) => b.bytes - a.bytes);
  return { fullest, held };
}

function table(first, columns, lines) {
  console.log(`| ${[first, ...columns].join(' | ')} |`);
  console.log(`|${' --- |'.repeat(columns.length + 1)}`);
  for (const line of lines) console.log(`| ${line.join(' | ')} |`);
  console.log('');
}
