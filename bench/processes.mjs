import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

/** Debian's Python, which has PyTorch in python3-torch; any other Python on the path probably has not. */
const python = existsSync('/usr/bin/python3') ? '/usr/bin/python3' : 'python3';
const yardstick = fileURLToPath(new URL('../../shared/bench/torch_baseline.py', import.meta.url));

export const yardstickAvailable =
  existsSync(yardstick) && spawnSync(python, ['-c', 'import torch'], { stdio: 'ignore' }).status === 0;

/** Runs a command that prints one JSON object as its last line. */
function runJson(command, args) {
  const { status, stdout, stderr } = spawnSync(command, args, { encoding: 'utf8', maxBuffer: 1 << 28 });
  if (status !== 0) throw new Error(`${command} ${args.join(' ')} failed:\n${stderr}`);
  return JSON.parse(stdout.trim().split('\n').at(-1));
}

/** One of our measurements, in a process of its own so that its peak memory is its own. */
export const ours = (script, ...args) =>
  runJson(process.execPath, [fileURLToPath(new URL(script, import.meta.url)), ...args.map(String)]);

/** One run of the PyTorch yardstick. */
export const torch = (...args) => runJson(python, [yardstick, ...args.map(String)]);

/** One run of a PyTorch script of this folder. */
export const torchScript = (script, ...args) =>
  runJson(python, [fileURLToPath(new URL(script, import.meta.url)), ...args.map(String)]);

export const megabytes = () => Math.round(process.resourceUsage().maxRSS / 1024);

export const median = (values) => [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)];
