import { basename } from 'node:path';
import { checkWritable, writeImage } from '../images/codec.node.js';
import type { Image } from '../images/image.js';
import type { OptimizationPlan, OptimizedPicture } from '../methods/optimize-scales.js';
import type { IterationProgress, LossTerm, ProgressListener, StageProgress } from '../progress.js';
import { checkReplaceable } from '../replace-file.node.js';
import type { Runtime } from '../runtime/runtime.js';
import { packageVersion } from '../version.node.js';
import { withRuntime, type MachineOrder } from './machine.node.js';
import { checkMemory, type MemoryNeed } from './memory.node.js';
import { loadNetwork, type LoadedNetwork } from './network.node.js';
import { environmentFacts, OptimizationPage, type Fact } from './optimization-page.node.js';
import { encodingOf, type EncodingOrder } from './picture-encoding.js';
import { checkSaveEvery, PictureRecorder } from './picture-recorder.node.js';
import type { FileProgress, Versions } from './stylize-order.js';
import { versions } from './stylize-session.node.js';

/** What all orders of one picture that is made by optimisation have in common. */
export interface OptimizationOrder extends MachineOrder, EncodingOrder {
  /** The file to write; its suffix says the format. */
  readonly output: string;
  /** A file of weights or a network's name. @defaultValue the first at hand of those that stylize takes */
  readonly network?: string | undefined;
  /** Write the picture every so many steps, as `OUT-000050.png`. */
  readonly saveEvery?: number | undefined;
  /** An HTML page about the work, rewritten while it goes on. */
  readonly report?: string | undefined;
  /** Bytes that the work may take. @defaultValue what the system says is free */
  readonly memoryLimit?: number | undefined;
  /** Ends the work after the current step; the best picture so far is saved. */
  readonly signal?: AbortSignal | undefined;
  readonly onProgress?: ((event: OptimizationFileProgress) => void) | undefined;
}

/** A picture's turn begins. */
export interface TurnProgress {
  readonly type: 'picture';
  /** From 0, and how many there are. */
  readonly index: number;
  readonly count: number;
  /** The file that it is made from. */
  readonly content: string;
  readonly plan: OptimizationPlan;
}

export type OptimizationFileProgress = TurnProgress | FileProgress | StageProgress | IterationProgress;

/** What the work runs on. */
export interface Machine {
  readonly runtime: Runtime;
  readonly network: LoadedNetwork;
}

/** What the numbers of a result were computed with. */
export interface MachineFacts {
  readonly network: string;
  readonly device: string;
  readonly threads: number;
  readonly versions: Versions;
}

/** One picture to be made: what is particular to a method. */
export interface PictureWork extends MemoryNeed {
  /** The file that it is made from, and what that holds. */
  readonly input: string;
  readonly image: Image;
  readonly plan: OptimizationPlan;
  readonly terms: readonly LossTerm[];
  readonly title: string;
  readonly sourceHeading: string;
  readonly facts: readonly Fact[];
  readonly command: string;
  /** What the file says of how it was made. */
  readonly description: string;
  run(control: { signal: AbortSignal | undefined; onProgress: ProgressListener }): Promise<OptimizedPicture>;
}

/** One picture done. */
export interface OptimizedFile extends MachineFacts, Omit<OptimizedPicture, 'image'> {
  readonly output: string;
  /** Of the picture written. */
  readonly width: number;
  readonly height: number;
  /** From the start to the written file. */
  readonly seconds: number;
  /** Pictures saved on the way. */
  readonly intermediates: readonly string[];
}

/**
 * Starts what the work runs on, hands it over and frees it afterwards.
 * @throws StyleError for what keeps the picture from being written, and for a network that isn't there
 */
export async function withMachine<Result>(
  order: OptimizationOrder,
  work: (machine: Machine) => Promise<Result>,
): Promise<Result> {
  const { output, report, saveEvery, network } = order;
  checkSaveEvery(saveEvery);
  await checkWritable(output, encodingOf(order));
  if (report !== undefined) await checkReplaceable(report);
  return withRuntime(order, async (runtime) =>
    work({ runtime, network: await loadNetwork('default', network) }),
  );
}

/** What a machine is, in words and numbers. */
export function machineFacts({ network, runtime }: Machine): MachineFacts {
  return { network: network.name, device: runtime.device, threads: runtime.threads, versions };
}

/**
 * Makes one picture: checks, works, writes the picture and what else was asked for.
 * @returns undefined when the work was stopped before its first step; nothing is written then
 * @throws StyleError for what can't be done or written
 */
export async function optimizeFile(
  order: OptimizationOrder,
  machine: Machine,
  work: PictureWork,
  started: number,
): Promise<OptimizedFile | undefined> {
  const { output, report, signal } = order;
  const { input, image, plan, title, terms } = work;
  const encoding = encodingOf(order);
  await checkWritable(output, encoding, plan);
  checkMemory(work, order.memoryLimit);
  const tell = (event: OptimizationFileProgress): void => order.onProgress?.(event);
  tell({ type: 'picture', index: 0, count: 1, content: input, plan });
  const environment = machineFacts(machine);
  const recorder = new PictureRecorder(output, encoding, order.saveEvery, tell);
  const page =
    report === undefined
      ? undefined
      : new OptimizationPage({
          ...{ path: report, title, terms, before: undefined, scales: plan.scales, command: work.command },
          sources: { heading: work.sourceHeading, pictures: [{ image, caption: basename(input) }] },
          facts: [...work.facts, ['Network', environment.network], ...environmentFacts(environment)],
        });
  try {
    const result = await work.run({
      signal,
      onProgress: (event) => {
        if (event.type === 'iteration') {
          recorder.take(event);
          page?.take(event);
        }
        tell(event);
      },
    });
    await recorder.settle();
    if (result.stopped === 'cancelled' && result.iterations === 0) {
      await page?.discard();
      return undefined;
    }
    const metadata = { software: `Pastiche ${packageVersion}`, description: work.description };
    await writeImage(output, result.image, { ...encoding, metadata });
    const seconds = (performance.now() - started) / 1000;
    await page?.finish(result, basename(output), seconds);
    const { width, height } = result.image;
    const { stopped, losses, iterations, evaluations, curve } = result;
    const { intermediates } = recorder;
    return {
      ...{ output, width, height, stopped, losses, iterations, evaluations, curve, seconds, intermediates },
      ...environment,
    };
  } catch (error) {
    await recorder.settle();
    await page?.discard();
    throw error;
  }
}
