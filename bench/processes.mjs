import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** Debian's Python, which has PyTorch in python3-torch; any other Python on the path probably has not. */
const python = existsSync('/usr/bin/python3') ? '/usr/bin/python3' : 'python3';
/** The script that does our work in PyTorch is not part of the repo: it must not be ours. */
const yardsticks =
  process.env.PASTICHE_YARDSTICK ?? fileURLToPath(new URL('../../shared/bench', import.meta.url));
const yardstick = join(yardsticks, 'torch_baseline.py');

const torchAvailable = spawnSync(python, ['-c', 'import torch'], { stdio: 'ignore' }).status === 0;
const yardstickAvailable = torchAvailable && existsSync(yardstick);

/** What is missing of PyTorch's side, in a line; nothing if nothing is. */
export const missingYardstick = !torchAvailable
  ? `PyTorch's side is left out: ${python} has no PyTorch (Debian: apt-get install python3-torch libopenblas0-pthread).`
  : yardstickAvailable
    ? ''
    : 'The yardstick is left out: set PASTICHE_YARDSTICK to the folder that has torch_baseline.py.';

/** Runs a command that prints one JSON object as its last line. */
function runJson(command, args) {
  const { status, stdout, stderr } = spawnSync(command, args, { encoding: 'utf8', maxBuffer: 1 << 28 });
  if (status !== 0) throw new Error(`${command} ${args.join(' ')} failed:\n${stderr}`);
  return JSON.parse(stdout.trim().split('\n').at(-1));
}

/** One of our measurements, in a process of its own so that its peak memory is its own. */
export const ours = (script, ...args) =>
  runJson(process.execPath, [fileURLToPath(new URL(script, import.meta.url)), ...args.map(String)]);

/** One run of the PyTorch yardstick; undefined where that is not to be had. */
export const torch = (...args) =>
  yardstickAvailable ? runJson(python, [yardstick, ...args.map(String)]) : undefined;

/** One run of a PyTorch script of this folder; undefined where there is no PyTorch. */
export const torchScript = (script, ...args) =>
  torchAvailable
    ? runJson(python, [fileURLToPath(new URL(script, import.meta.url)), ...args.map(String)])
    : undefined;

/** What the judge of pictures says of each of them; it is not part of the repo either. */
export function judgePictures(content, style, paths) {
  const args = [join(yardsticks, 'judge.py'), content, style, ...paths];
  const { status, stdout, stderr } = spawnSync(python, args, { encoding: 'utf8' });
  if (status !== 0) throw new Error(`The judge failed:\n${stderr}`);
  return stdout
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line));
}

export const megabytes = () => Math.round(process.resourceUsage().maxRSS / 1024);

export const median = (values) => quantile(values, 1 / 2);

/** The value below which a part of the values is, between two of them on the line from the one to the other. */
export function quantile(values, part) {
  const sorted = [...values].sort((a, b) => a - b);
  const place = part * (sorted.length - 1);
  const [before, after] = [sorted[Math.floor(place)], sorted[Math.ceil(place)]];
  return before + (place - Math.floor(place)) * (after - before);
}
