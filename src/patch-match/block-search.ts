import { throwIfAborted } from '../abort.js';
import { StyleError } from '../errors.js';
import type { Program, Runtime } from '../runtime/runtime.js';
import { BestMatches } from './best-matches.js';
import { forEachPosition, inputBlock, targetBlock } from './block-inputs.js';
import type { ComparedSizes, Comparison, SearchControl } from './comparison.js';
import { blockCorrelation, correlationBytes, type CorrelationShape } from './correlation.js';
import { tapRadius } from './patch-taps.js';
import { cutIntoBlocks, windowSize } from './windows.js';

/** Memory for two blocks of maps; more is needed only for patches of which one covers most of a picture. */
const mostBytes = 2e9;

/** The blocks that two maps are compared in. */
export function blocksOf({ input, target, taps }: ComparedSizes): CorrelationShape {
  const reach = tapRadius(taps);
  return {
    channels: input.channels,
    input: cutIntoBlocks(input.height, input.width, reach),
    target: cutIntoBlocks(target.height, target.width, reach),
    offsets: Array.from({ length: taps.count }, (_, k) => taps.first + k * taps.step + reach),
  };
}

/** Finds best matches block by block, by {@link blockCorrelation}: the form for small maps and for large patches. */
export class BlockSearch {
  private program: Program | undefined;
  private programKey = '';

  /** @param runtime stays the caller's, who disposes it */
  constructor(private readonly runtime: Runtime) {}

  /**
   * The best match of each of the input's positions.
   * @throws StyleError `E_MEMORY` for patches too large to be compared
   */
  async find(comparison: Comparison, { signal, onProgress }: SearchControl): Promise<BestMatches> {
    const { input: a, target: b, scale, epsilon } = comparison;
    const blocks = blocksOf(comparison);
    const { offsets } = blocks;
    checkMemory(comparison, correlationBytes(blocks));
    const program = await this.compiled(blocks);
    const inputs = blocks.input.origins.map((origin) =>
      inputBlock(a, blocks.input, origin, offsets, scale.input),
    );
    const best = new BestMatches(a.height * a.width);
    await program.bind({ epsilon: Float32Array.of(epsilon) });
    for (const [done, origin] of blocks.target.origins.entries()) {
      await program.bind(targetBlock(b, blocks.target, origin, offsets, scale.target));
      for (const [index, values] of inputs.entries()) {
        throwIfAborted(signal);
        const { score, match } = await program.run(values);
        forEachPosition(a, blocks.input, blocks.input.origins[index]!, (position, local) => {
          const start = match![local]!;
          const targetWidth = windowSize(blocks.target).width;
          const row = origin[0] + Math.floor(start / targetWidth);
          best.offer(position, row * b.width + origin[1] + (start % targetWidth), score![local]!);
        });
      }
      onProgress?.((done + 1) / blocks.target.origins.length);
    }
    return best;
  }

  /** Frees the compiled graph. */
  async dispose(): Promise<void> {
    const { program } = this;
    this.program = undefined;
    this.programKey = '';
    await program?.dispose();
  }

  private async compiled(shape: CorrelationShape): Promise<Program> {
    const { channels, input, target, offsets } = shape;
    const sides = [input.height, input.width, target.height, target.width, input.reach];
    const key = [channels, ...sides, ...offsets].join();
    if (this.program !== undefined && this.programKey === key) return this.program;
    await this.dispose();
    this.program = await this.runtime.compile(blockCorrelation(shape));
    this.programKey = key;
    return this.program;
  }
}

/** @throws StyleError `E_MEMORY` */
function checkMemory({ patch }: Comparison, bytes: number): void {
  if (bytes <= mostBytes) return;
  throw new StyleError(
    'E_MEMORY',
    `Comparing patches of side ${patch} on these maps would take about ${(bytes / 1e9).toFixed(1)} GB, and no more than ${mostBytes / 1e9} GB are used.`,
    'Use smaller patches, or a higher layer, whose positions are further apart.',
  );
}
