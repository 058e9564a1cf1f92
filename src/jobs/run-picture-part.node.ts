import { readFile } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { nodePlatform } from '../api/platform.node.js';
import { pictureMetadata } from '../api/picture-metadata.js';
import { encodeSafetensors, parseSafetensors, type TensorToEncode } from '../formats/safetensors.js';
import { writeSamples } from '../images/codec.node.js';
import { imageFormatOf } from '../images/codec.js';
import { sampleFormOf } from '../images/encode.node.js';
import type { Size } from '../images/image.js';
import { SamplesSink, type SampleForm } from '../images/picture-sink.js';
import { addedUp, type PictureSizes } from '../methods/division.js';
import type { AnyMethod } from '../methods/method.js';
import { replaceFile } from '../replace-file.node.js';
import { filesOf, type FilesRequest } from './files-request.js';
import { checkRoles } from './picture-files.node.js';
import { namesOf, readAndPlan } from './run-file.node.js';
import type { SharedPictures } from './shared-pictures.node.js';
import { withSharedRun, type SharedRun } from './shared-run.node.js';

/** Which part of a picture is done. */
export interface PartRequest {
  /** From 1 on, of `count`. */
  readonly number: number;
  readonly count: number;
  /** From 0 on: what is measured; in the last round, which is that of `rounds`, it is painted. */
  readonly round: number;
  readonly rounds: number;
  /** The files of all parts of the round before, in order. */
  readonly before: readonly string[];
}

/** What the file of a measured part has: what the rounds before have found in all parts, and this one in its own. */
const totalName = (round: number): string => `all parts in round ${round}`;
const measuredName = 'this part';
/** Channels of a tile's samples. */
const channelsOf = (shape: readonly number[]): 3 | 4 => (shape[2] === 4 ? 4 : 3);

/**
 * Does a part of a picture in one round.
 * @param target where the file goes that comes of it, for the next round or for {@link joinParts}, and the suffix of the whole picture
 * @param keeper keeps the picture from one round to the next
 * @throws StyleError as `runFiles` does; AbortError when the signal ends it
 */
export async function runPicturePart(
  method: AnyMethod,
  given: FilesRequest,
  part: PartRequest,
  target: { readonly output: string; readonly suffix: string },
  keeper: SharedPictures,
): Promise<void> {
  const { output, suffix } = target;
  const request = checkRoles(method, given);
  const { signal, memoryLimit } = request;
  const [input] = filesOf(request, method.roles[0]!.name) as [string];
  const pair = { input, output: join(dirname(output), `whole${suffix}`) };
  const pairs = { pairs: [pair], batch: false, createdFolder: undefined };
  const paint = async (shared: SharedRun): Promise<void> => {
    const run = { ...shared, keeper };
    const { prepared } = run;
    const limit = memoryLimit ?? nodePlatform.availableMemory();
    const { pictures, plan, form } = await readAndPlan(run, pair, limit);
    const left = await prepared.makeRoom(plan, memoryLimit);
    prepared.checkMemory(pictures, plan, left, false, form);
    const { tiles } = prepared.division(pictures as PictureSizes)!;
    const borderOf = (number: number): number => Math.floor((number * tiles) / part.count);
    const [from, to] = [borderOf(part.number - 1), borderOf(part.number)];
    const sums = await sumsBefore(part);
    if (part.round < part.rounds) {
      const measured = await prepared.measurePart(pictures, { signal }, { from, to, sums });
      return replaceFile(output, encodeSums(sums, measured));
    }
    const sink = new TilesSink(form!);
    await prepared.paintPart(pictures, { signal }, { from, to, sums }, (size, hasAlpha) =>
      sink.of(size, hasAlpha),
    );
    keeper.forgetSubject();
    const description = method.describe(prepared.settings, namesOf(run, input), plan);
    const { network } = run.environment;
    const outcome = { stopped: 'finished' } as const;
    const metadata = pictureMetadata(nodePlatform.software, description, network, outcome);
    await replaceFile(output, sink.encode({ ...metadata }));
  };
  await withSharedRun(method, request, pairs, paint, keeper);
}

/** What the rounds before have found in all parts. */
async function sumsBefore({ round, before }: PartRequest): Promise<readonly Float64Array[]> {
  if (round === 0) return [];
  const files = await Promise.all(
    before.map(async (path) => parseSafetensors(await readFile(path), basename(path))),
  );
  const earlier = Array.from({ length: round - 1 }, (_, index) =>
    files[0]!.tensor(totalName(index)).float64(),
  );
  return [...earlier, addedUp(files.map((file) => file.tensor(measuredName).float64()))];
}

function encodeSums(sums: readonly Float64Array[], measured: Float64Array): Uint8Array {
  const tensorOf = (data: Float64Array): TensorToEncode => ({ dtype: 'F64', shape: [data.length], data });
  const totals = sums.map((data, round) => [totalName(round), tensorOf(data)] as const);
  return encodeSafetensors({ ...Object.fromEntries(totals), [measuredName]: tensorOf(measured) });
}

/** Collects the tiles of a part as samples of the whole picture's file. */
class TilesSink {
  private readonly tiles: Record<string, TensorToEncode> = {};
  private whole: Size = { width: 0, height: 0 };

  constructor(private readonly form: SampleForm) {}

  /** The sink of a picture. */
  of(size: Size, hasAlpha: boolean): { put: SamplesSink['put'] } & Size {
    this.whole = size;
    const { width, height } = size;
    return {
      ...{ width, height },
      put: (tile, left, top) => {
        const samples = new SamplesSink(tile, hasAlpha, this.form);
        samples.put(tile, 0, 0);
        const shape = [tile.height, tile.width, samples.channels];
        this.tiles[`${left} ${top}`] = { dtype: 'U8', shape, data: samples.samples };
      },
    };
  }

  encode(metadata: Readonly<Record<string, string>>): Uint8Array {
    const { width, height } = this.whole;
    return encodeSafetensors(this.tiles, { ...metadata, width: String(width), height: String(height) });
  }
}

/**
 * Writes a picture of all of its parts, of which one at a time is in memory beside its samples.
 * @throws StyleError `E_OUTPUT` when it can't be written
 */
export async function joinParts(output: string, parts: readonly string[]): Promise<void> {
  let whole: SamplesSink | undefined;
  let metadata = { software: '', description: '' };
  for (const path of parts) {
    const file = parseSafetensors(await readFile(path), basename(path));
    const { width, height, software, description } = file.metadata as Record<string, string>;
    metadata = { software: software!, description: description! };
    for (const [place, tile] of file.tensors) {
      const form = sampleFormOf(imageFormatOf(output), {});
      const channels = channelsOf(tile.shape);
      whole ??= new SamplesSink({ width: Number(width), height: Number(height) }, channels === 4, form);
      const [left, top] = place.split(' ').map(Number) as [number, number];
      placeSamples(whole, tile.bytes, tile.shape as [number, number, number], left, top);
    }
  }
  await writeSamples(output, whole!, { metadata });
}

/** Puts the rows of a tile where they belong. */
function placeSamples(
  { samples, width, channels }: SamplesSink,
  tile: Uint8Array,
  [rows, columns]: readonly [number, number, number],
  left: number,
  top: number,
): void {
  const length = columns * channels;
  for (let row = 0; row < rows; row += 1)
    samples.set(tile.subarray(row * length, (row + 1) * length), channels * ((top + row) * width + left));
}
