import { shellLine, stylizeCommand } from '../jobs/shell-command.js';
import type {
  Losses,
  PlannedFile,
  StylizedFile,
  StylizeFilesResult,
  StylizeOrder,
  StylizePlan,
} from '../node.js';
import { describeFailure } from './failure.js';
import { formatDuration, formatNumber } from './text.js';

/** Losses as `--json` names them. */
const lossObject = ({ content, style, totalVariation, histogram, laplacian, total }: Losses): object => ({
  content,
  style,
  tv: totalVariation,
  ...(histogram === undefined ? {} : { histogram }),
  ...(laplacian === undefined ? {} : { detail: laplacian }),
  total,
});

const megabytes = (bytes: number): number => Math.round(bytes / 1e6);

/** The most memory that this process has taken so far, in megabytes. */
export const peakMemoryMb = (): number => megabytes(process.resourceUsage().maxRSS * 1024);

function environmentObject(run: StylizeFilesResult | StylizePlan): object {
  const { device, threads, settings, network, versions } = run;
  return { device, threads, seed: settings.seed, network, preset: settings.preset, versions };
}

function pictureObject(picture: StylizedFile): object {
  const { content, output, width, height, losses, iterations, evaluations, seconds, stopped } = picture;
  const { state, intermediates } = picture;
  return {
    ...{ content, output, size: { width, height }, losses: lossObject(losses) },
    ...{ iterations, evaluations, seconds: round(seconds), stopped },
    ...(state === undefined ? {} : { state }),
    ...(intermediates.length === 0 ? {} : { intermediates }),
  };
}

const round = (seconds: number): number => Number(seconds.toFixed(3));

/** The one object that `--json` prints. Of several photographs each has an object in `pictures`. */
export function resultObject(result: StylizeFilesResult, order: StylizeOrder): object {
  const { pictures, failures, left, seconds } = result;
  const run = { ...environmentObject(result), peakMemoryMb: peakMemoryMb() };
  const files = {
    styles: order.styles,
    ...(order.trace === undefined ? {} : { trace: order.trace }),
    ...(order.report === undefined ? {} : { report: order.report }),
  };
  if (result.batch) {
    const failed = failures.map(({ content, error }) => {
      const { code, message, remedy } = describeFailure(error);
      return { content, error: { code, message, remedy } };
    });
    const done = [...pictures.map(pictureObject), ...failed];
    return { pictures: done, left, ...files, seconds: round(seconds), ...run };
  }
  const [picture] = pictures;
  const own = picture === undefined ? { output: null, stopped: 'cancelled' } : pictureObject(picture);
  return { ...own, ...files, seconds: round(seconds), ...run };
}

/** The lines that say what came out. */
export function resultText({ pictures }: StylizeFilesResult): string {
  return pictures
    .map(({ output, width, height, iterations, seconds, losses }) => {
      const { total, ...own } = lossObject(losses) as Record<string, number>;
      const terms = Object.entries(own).map(([name, value]) => `${name} ${formatNumber(value)}`);
      const work = `${iterations} iterations in ${formatDuration(seconds)}`;
      return `${output}: ${width}x${height}, ${work}, loss ${formatNumber(total!)} (${terms.join(', ')})\n`;
    })
    .join('');
}

/**
 * How to go on with what was stopped, as commands to copy.
 * @param byNpx whether the program was started by npx
 */
export function resumeText(result: StylizeFilesResult, order: StylizeOrder, byNpx: boolean): string {
  const stopped = result.pictures.find(({ state }) => state !== undefined);
  const lines: string[] = [];
  if (stopped === undefined) lines.push('Stopped.');
  else {
    const { content, output, state } = stopped;
    const command = stylizeCommand({ ...order, content, output, resume: state });
    lines.push(
      `Stopped after ${stopped.iterations} iterations; the best picture so far is in ${shellLine([output])}.`,
      `To go on: ${byNpx ? 'npx ' : ''}${command}`,
    );
  }
  if (result.left.length > 0) lines.push(`Not begun: ${shellLine(result.left)}`);
  return lines.map((line) => `${line}\n`).join('');
}

/** The one object that `--dry-run --json` prints. */
export function planObject(plan: StylizePlan): object {
  const run = {
    availableMemoryMb: megabytes(plan.availableBytes),
    gigaflops: Math.round(plan.operationsPerSecond / 1e9),
    ...environmentObject(plan),
  };
  const pictures = plan.pictures.map((picture) => plannedObject(picture, plan.availableBytes));
  return plan.batch ? { dryRun: true, pictures, ...run } : { dryRun: true, ...pictures[0], ...run };
}

function plannedObject(
  { content, output, plan, memoryBytes, operations, seconds }: PlannedFile,
  available: number,
): object {
  const { width, height, scales } = plan;
  const needs = { memoryMb: megabytes(memoryBytes), fits: memoryBytes <= available, operations };
  return { content, output, size: { width, height }, scales, ...needs, seconds: round(seconds) };
}

/** The lines of a dry run. */
export function planText(plan: StylizePlan): string {
  const { pictures, network, device, threads, settings, availableBytes, operationsPerSecond } = plan;
  const gigabytes = (bytes: number): string => `${(bytes / 1e9).toFixed(2)} GB`;
  const blocks = pictures.map(
    ({ content, output, plan: { scales, width, height }, memoryBytes, seconds }) => {
      const steps = scales
        .map((scale) => `${scale.width}x${scale.height} (${scale.iterations} iterations)`)
        .join(', ');
      const fits = memoryBytes <= availableBytes ? '' : ': TOO MUCH';
      return [
        `${content} -> ${output}, ${width}x${height}`,
        `  scales   ${steps}`,
        `  memory   about ${gigabytes(memoryBytes)} of the ${gigabytes(availableBytes)} that can be had${fits}`,
        `  time     about ${formatDuration(seconds)}`,
      ].join('\n');
    },
  );
  const speed = `${Math.round(operationsPerSecond / 1e9)} GFLOP/s measured`;
  const run = `preset ${settings.preset}, network ${network}, device ${device} with ${threads} threads, ${speed}`;
  return `${blocks.join('\n')}\n${run}\n`;
}
