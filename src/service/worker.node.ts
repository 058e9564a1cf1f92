import { fork, type ChildProcess } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { formatGigabytes } from '../api/memory-check.js';
import { StyleError } from '../errors.js';
import {
  isAnswer,
  type WorkerAnswer,
  type WorkerEvent,
  type WorkerRequest,
  type WorkerStop,
} from './worker-messages.js';

/** How workers are started. */
export interface WorkerSettings {
  /** The program, compiled. */
  readonly program: URL;
  /** An empty folder, in which no name leads to a file. */
  readonly folder: string;
  /** Threads of the CPU for each. */
  readonly threads: number;
  /** Told what a worker writes on its standard error. */
  readonly onOutput: (text: string) => void;
}

/** What a piece of work may take, and who hears of it. */
export interface WorkBounds {
  readonly memoryLimit: number;
  readonly onEvent?: (event: WorkerEvent) => void;
}

/** Milliseconds between two looks at the memory of a worker. */
const watchPause = 250;
/** A run takes a little more than its plan says at times, and a process that has run before keeps some. */
const overLimit = (limit: number): number => 1.25 * limit + 3e8;

/** Bytes of memory that a process takes, where the system says so; elsewhere it tells itself. */
async function processMemory(pid: number): Promise<number | undefined> {
  if (process.platform !== 'linux') return undefined;
  const text = await readFile(`/proc/${pid}/statm`, 'utf8').catch(() => undefined);
  return text === undefined ? undefined : Number(text.split(' ')[1]) * 4096;
}

/** What a worker is doing. */
interface Work extends WorkBounds {
  answer(answer: WorkerAnswer): void;
  lose(error: StyleError): void;
}

/**
 * A process that does one thing at a time. It starts with the first of them, keeps its networks for the next, and may end at any
 * moment without any harm but to what it does: then the next thing starts another process.
 */
export class Worker {
  private child: ChildProcess | undefined;
  private work: Work | undefined;

  constructor(private readonly settings: WorkerSettings) {}

  /**
   * @returns its answer
   * @throws StyleError `E_WORKER` when the process ends before it has answered, or what it was ended for
   */
  async ask(request: WorkerRequest, bounds: WorkBounds): Promise<WorkerAnswer> {
    const child = (this.child ??= this.start());
    const watch = setInterval(() => {
      void processMemory(child.pid ?? 0).then((bytes) => this.watchMemory(child, bytes));
    }, watchPause);
    try {
      return await new Promise<WorkerAnswer>((answer, lose) => {
        this.work = { ...bounds, answer, lose };
        // That it can't be sent, the end of the process tells.
        child.send(request, () => undefined);
      });
    } finally {
      clearInterval(watch);
      this.work = undefined;
    }
  }

  /** Asks for an end after the current step, with the best so far. */
  stop(): void {
    const message: WorkerStop = { type: 'stop' };
    if (this.child?.connected === true) this.child.send(message, () => undefined);
  }

  /** Ends the process at once. @param reason what its work fails with */
  end(reason = lostWorker('it was ended')): void {
    const { child, work } = this;
    this.child = undefined;
    child?.kill('SIGKILL');
    work?.lose(reason);
  }

  private start(): ChildProcess {
    const { program, folder, threads, onOutput } = this.settings;
    const child = fork(fileURLToPath(program), {
      cwd: folder,
      execArgv: [],
      env: { ...process.env, PASTICHE_WORKER_THREADS: String(threads) },
      serialization: 'advanced',
      stdio: ['ignore', 'ignore', 'pipe', 'ipc'],
    });
    child.stderr!.setEncoding('utf8').on('data', onOutput);
    child.on('message', (message: WorkerEvent | WorkerAnswer) => this.hear(child, message));
    child.on('exit', (code, signal) => this.forget(child, signal ?? `exit code ${code}`));
    child.on('error', ({ message }) => this.forget(child, message));
    return child;
  }

  private hear(child: ChildProcess, message: WorkerEvent | WorkerAnswer): void {
    if (this.child !== child) return;
    if (isAnswer(message)) this.work?.answer(message);
    else if (message.type === 'memory') this.watchMemory(child, message.bytes);
    else this.work?.onEvent?.(message);
  }

  /** A process that has ended by itself is not asked again. */
  private forget(child: ChildProcess, how: string): void {
    if (this.child !== child) return;
    this.child = undefined;
    this.work?.lose(lostWorker(how));
  }

  private watchMemory(child: ChildProcess, bytes: number | undefined): void {
    const { work } = this;
    if (this.child !== child || work === undefined || bytes === undefined) return;
    if (bytes <= overLimit(work.memoryLimit)) return;
    this.end(
      new StyleError(
        'E_MEMORY',
        `It took ${formatGigabytes(bytes)} of memory, and ${formatGigabytes(work.memoryLimit)} are allowed for a job.`,
        'Use a smaller picture or a smaller size.',
      ),
    );
  }
}

const lostWorker = (how: string): StyleError =>
  new StyleError(
    'E_WORKER',
    `The process that computed it ended (${how}).`,
    'Use a smaller picture or a smaller size; if others fail too, tell who runs the service.',
  );
