import { readFile } from 'node:fs/promises';
import { contentError } from './convolution-reading.js';
import type { HttpClient } from './http-client.node.js';
import {
  parseSafetensorsHeader,
  safetensorsHeaderLength,
  type SafetensorsEntry,
} from '../formats/safetensors-header.js';
import { SafetensorsTensor } from '../formats/safetensors.js';
import { discardPart, transfer, type TransferRequest } from './transfer.node.js';

/** Tensors closer together than this are fetched in one piece: a request costs more than the bytes between them. */
const widestGap = 256 * 1024;

export interface RemoteTensorsRequest extends Omit<TransferRequest, 'range' | 'identity'> {
  /** Names of the wanted tensors. */
  readonly names: readonly string[];
}

export interface RemoteTensors {
  /** The wanted tensors in the order of their bytes. */
  readonly tensors: readonly SafetensorsTensor[];
  /** The files that hold their bytes; `discardPart` removes them once the tensors are stored elsewhere. */
  readonly parts: readonly string[];
}

/** A stretch of a remote file, `end` exclusive. */
interface Stretch {
  readonly start: number;
  readonly end: number;
}

/**
 * Reads some tensors of a safetensors file on a server without downloading the rest: the header's length, the header, and
 * then the wanted stretches by HTTP ranges. A server that ignores ranges sends more, which is passed over. What has
 * been fetched stays in `part` (and `part-1` .. for further stretches), so that a stopped download goes on.
 * @throws what `transfer` throws; StyleError E_WEIGHTS_FORMAT when the file is not safetensors; E_WEIGHTS_CONTENT when
 * a wanted tensor is missing
 */
export async function fetchRemoteTensors(
  client: HttpClient,
  request: RemoteTensorsRequest,
): Promise<RemoteTensors> {
  const { url, part, names, onBytes, ...rest } = request;
  const headPart = `${part}-head`;
  /** Always fetched anew: its identity is what the stretches are held to. */
  const head = async (range: Stretch, identity?: string) => {
    await discardPart(headPart);
    const result = await transfer(client, { ...rest, url, part: headPart, range, identity });
    const bytes = await readFile(headPart);
    await discardPart(headPart);
    return { bytes, identity: result.identity };
  };
  const prefix = await head({ start: 0, end: 8 });
  const dataStart = 8 + safetensorsHeaderLength(prefix.bytes, url);
  const { bytes: json } = await head({ start: 8, end: dataStart }, prefix.identity);
  const entries = wantedEntries(parseSafetensorsHeader(json, url).entries, names, url);

  const stretches = coalesce(entries);
  const parts = stretches.map((_, index) => (index === 0 ? part : `${part}-${index}`));
  const total = stretches.reduce((sum, { start, end }) => sum + end - start, 0);
  const tensors: SafetensorsTensor[] = [];
  let before = 0;
  for (const [index, { start, end }] of stretches.entries()) {
    const range = { start: dataStart + start, end: dataStart + end };
    await transfer(client, {
      ...rest,
      url,
      range,
      part: parts[index]!,
      identity: prefix.identity,
      onBytes: (received) => onBytes?.(before + received, total),
    });
    before += end - start;
    const bytes = await readFile(parts[index]!);
    for (const entry of entries) {
      if (entry.start < start || entry.end > end) continue;
      tensors.push(new SafetensorsTensor(entry, bytes.subarray(entry.start - start, entry.end - start)));
    }
  }
  return { tensors, parts };
}

function wantedEntries(
  entries: readonly SafetensorsEntry[],
  names: readonly string[],
  url: string,
): SafetensorsEntry[] {
  const present = new Set(entries.map(({ name }) => name));
  const missing = names.find((name) => !present.has(name));
  if (missing !== undefined) throw contentError(url, `tensor ${missing} is missing.`);
  const wanted = new Set(names);
  return entries.filter(({ name }) => wanted.has(name));
}

/** Joins tensors, given in the order of their bytes, that lie side by side or nearly so. */
function coalesce(entries: readonly SafetensorsEntry[]): Stretch[] {
  const stretches: { start: number; end: number }[] = [];
  for (const { start, end } of entries) {
    const last = stretches.at(-1);
    if (last && start - last.end <= widestGap) last.end = end;
    else stretches.push({ start, end });
  }
  return stretches;
}
