import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { basename, dirname, join } from 'node:path';
import type { Readable } from 'node:stream';
import { abortError, throwIfAborted } from '../abort.js';
import { StyleError } from '../errors.js';
import { outputError } from '../replace-file.node.js';

/** The programs that read and write films. */
export interface FilmTools {
  readonly ffmpeg: string;
  readonly ffprobe: string;
}

/** The oldest version that hands frames on without losing or doubling some, and keeps the last one's duration. */
const oldest = [5, 1] as const;
const install =
  'Install ffmpeg: `apt install ffmpeg` on Debian and Ubuntu, `brew install ffmpeg` on macOS, `winget install ffmpeg` on Windows; or name its file in PASTICHE_FFMPEG.';

/**
 * Finds the user's ffmpeg: the file in PASTICHE_FFMPEG, with ffprobe beside it, or those of the PATH.
 * @throws StyleError `E_FFMPEG` when there is none, or one before version 5.1
 */
export async function findFilmTools(
  environment: Readonly<Record<string, string | undefined>> = process.env,
): Promise<FilmTools> {
  const named = environment['PASTICHE_FFMPEG'];
  const tools = named
    ? { ffmpeg: named, ffprobe: join(dirname(named), basename(named).replace('ffmpeg', 'ffprobe')) }
    : { ffmpeg: 'ffmpeg', ffprobe: 'ffprobe' };
  await runTool(tools.ffprobe, ['-version']);
  const { stdout } = await runTool(tools.ffmpeg, ['-version']);
  // Builds from the newest sources have a date or a hash instead of numbers.
  const [, major, minor] = /^ffmpeg version n?(\d+)\.(\d+)/.exec(stdout) ?? [];
  if (major === undefined) return tools;
  if (Number(major) > oldest[0] || (Number(major) === oldest[0] && Number(minor) >= oldest[1])) return tools;
  throw new StyleError(
    'E_FFMPEG',
    `The ffmpeg of this machine is of version ${major}.${minor}, and films need ${oldest.join('.')} or later.`,
    'Install a newer one, or name its file in PASTICHE_FFMPEG.',
  );
}

/**
 * Checks that ffmpeg can encode in some way.
 * @param name the encoder's, and what it is in words
 * @throws StyleError `E_FFMPEG`
 */
export async function checkEncoder(tools: FilmTools, name: string, inWords: string): Promise<void> {
  if (await hasPart(tools, '-encoders', name)) return;
  throw new StyleError(
    'E_FFMPEG',
    `The ffmpeg of this machine has no encoder for ${inWords} (${name}).`,
    'Install a complete ffmpeg, or write a film of another suffix: .mp4, .mkv, .webm or .gif.',
  );
}

/** Whether this build of ffmpeg has an encoder or a filter. @param list what lists them: `-encoders` */
export async function hasPart(
  { ffmpeg }: FilmTools,
  list: '-encoders' | '-filters',
  name: string,
): Promise<boolean> {
  const { stdout } = await runTool(ffmpeg, ['-hide_banner', list]);
  return stdout.split('\n').some((line) => line.trim().split(/\s+/)[1] === name);
}

/** A file as these programs take it: a name with a colon, or a dash at its beginning, is no address and no option. */
export const fileAddress = (path: string): string => `file:${path}`;

/** Formats that hold a film themselves, by ffmpeg's names: a playlist, whatever its suffix, would have other files opened. */
const ownFormats = [
  ...['mov', 'mp4', 'm4a', '3gp', '3g2', 'mj2', 'matroska', 'webm', 'avi', 'gif'],
  ...['mpegts', 'mpeg', 'flv', 'asf', 'ogg', 'h264', 'hevc', 'm4v'],
];

/** A film is one file, and nothing of the network. */
export const readingFilesOnly = [
  ...['-protocol_whitelist', 'file,pipe', '-format_whitelist', ownFormats.join(',')],
] as const;

/** What a program writes to stderr at most that is kept: its end. */
const keptErrors = 4000;
const keptOutput = 8_000_000;

/** One of the programs while it runs. */
export class FilmProcess {
  readonly child: ChildProcess;
  /** Lines that it has written to stderr. */
  errorLines = 0;
  private errors = '';
  private readonly ended: Promise<number>;

  /**
   * In a process group of its own: Ctrl-C in a terminal goes to all of a group, and what is being written would be cut off.
   * @param stdio from stdin on; the fourth one is for the times of frames
   */
  constructor(
    private readonly program: string,
    args: readonly string[],
    stdio: readonly ('ignore' | 'pipe')[],
    onErrorLine: (line: string) => void = () => undefined,
  ) {
    const detached = process.platform !== 'win32';
    this.child = spawn(program, args, { stdio: [...stdio], detached, windowsHide: true });
    let unfinished = '';
    this.child.stderr?.setEncoding('utf8').on('data', (text: string) => {
      this.errors = (this.errors + text).slice(-keptErrors);
      const lines = (unfinished + text).split(/[\r\n]+/);
      unfinished = lines.pop()!.slice(-keptErrors);
      for (const line of lines.filter((one) => one !== '')) {
        this.errorLines += 1;
        onErrorLine(line);
      }
    });
    // What it writes to may be closed by its end, which is told by its exit code.
    this.child.stdin?.on('error', () => undefined);
    this.ended = new Promise((resolve, reject) => {
      this.child.on('error', (cause) => reject(this.notStarted(cause)));
      this.child.on('close', (code) => resolve(code ?? -1));
    });
    // Whoever waits for it hears of it.
    this.ended.catch(() => undefined);
  }

  /** Waits for its end. @throws StyleError `E_FFMPEG` when it could not be started */
  exitCode(): Promise<number> {
    return this.ended;
  }

  /** The last line of stderr that says something. */
  get reason(): string {
    const lines = this.errors.split(/[\r\n]+/).map((line) => line.trim());
    return lines.findLast((line) => line !== '' && !/^Conversion failed/.test(line)) ?? 'it says nothing';
  }

  /** The system's code for what kept it from writing, where it is one that people can do something about. */
  get writeFailure(): string | undefined {
    const failures = {
      ENOSPC: 'No space left on device',
      EDQUOT: 'Disk quota exceeded',
      EFBIG: 'File too large',
    };
    return Object.entries(failures).find(([, text]) => this.errors.includes(text))?.[0];
  }

  /** Why a file could not be written. @param action what it was to do with it */
  failure(output: string, action: 'encode' | 'finish', remedy: string): StyleError {
    const { writeFailure, reason } = this;
    return writeFailure === undefined
      ? new StyleError('E_FFMPEG', `ffmpeg could not ${action} "${output}": ${reason}.`, remedy)
      : outputError(output, Object.assign(new Error(), { code: writeFailure }));
  }

  kill(): void {
    this.child.kill('SIGKILL');
  }

  private notStarted(cause: Error): StyleError {
    const code = 'code' in cause ? String(cause.code) : cause.message;
    const message =
      code === 'ENOENT'
        ? `Films need ffmpeg, and there is no program "${this.program}".`
        : `Films need ffmpeg, and "${this.program}" can't be started: the system says ${code}.`;
    return new StyleError('E_FFMPEG', message, install, { cause });
  }
}

/** What a program has written. */
export interface ToolOutput {
  readonly code: number;
  readonly stdout: string;
  readonly process: FilmProcess;
}

/**
 * Runs one of the programs to its end.
 * @throws StyleError `E_FFMPEG` when it can't be started; AbortError, with the program ended, when the signal says so
 */
export async function runTool(
  program: string,
  args: readonly string[],
  signal?: AbortSignal,
): Promise<ToolOutput> {
  throwIfAborted(signal);
  const running = new FilmProcess(program, args, ['ignore', 'pipe', 'pipe']);
  const stop = (): void => running.kill();
  signal?.addEventListener('abort', stop);
  let stdout = '';
  (running.child.stdout as Readable).setEncoding('utf8').on('data', (text: string) => {
    if (stdout.length < keptOutput) stdout += text;
  });
  try {
    const code = await running.exitCode();
    if (signal?.aborted === true) throw abortError(signal);
    return { code, stdout, process: running };
  } finally {
    signal?.removeEventListener('abort', stop);
  }
}

/** Writes to a program, and waits while it is busy. @returns whether it still takes more */
export async function feed({ child }: FilmProcess, bytes: Uint8Array): Promise<boolean> {
  const { stdin } = child;
  if (stdin === null || stdin.destroyed || child.exitCode !== null || child.signalCode !== null) return false;
  if (stdin.write(bytes)) return true;
  const waiting = new AbortController();
  const { signal } = waiting;
  const failed = (event: 'close' | 'error'): Promise<boolean> =>
    once(stdin, event, { signal }).then(() => false);
  try {
    return await Promise.race([
      once(stdin, 'drain', { signal }).then(() => true),
      failed('close'),
      failed('error'),
    ]);
  } catch {
    return false;
  } finally {
    waiting.abort();
  }
}
