import {
  parseSafetensorsHeader,
  safetensorsHeaderLength,
  type SafetensorsEntry,
} from '../formats/safetensors-header.js';
import { SafetensorsTensor } from '../formats/safetensors.js';
import { contentError } from './convolution-reading.js';
import type { HttpClient } from './http-client.node.js';
import { discardPart, transfer, type TransferRequest } from './transfer.node.js';

/** Tensors closer together than this are fetched in one piece: a request costs more than the bytes between them. */
const widestGap = 256 * 1024;

/**
 * Reads some tensors of a safetensors file on a server without downloading the rest: the header's length, the header, and
 * then the wanted stretches by HTTP ranges. A server that ignores ranges sends more, which is passed over. What has
 * been fetched stays in `part` (and `part-1` .. for further stretches), so that a stopped download resumes.
 * @returns the tensors in the order of their bytes, and the files that hold these, until `discardPart`
 * @throws what `transfer` throws; StyleError `E_WEIGHTS_FORMAT` when the file is not safetensors; `E_WEIGHTS_CONTENT` when
 * a wanted tensor is missing
 */
export async function fetchRemoteTensors(
  client: HttpClient,
  request: TransferRequest,
  names: readonly string[],
): Promise<{ tensors: SafetensorsTensor[]; parts: string[] }> {
  const { onBytes, ...quiet } = request;
  const { url, part } = request;
  /** Always fetched anew: its identity is what the stretches are held to. */
  const head = async (start: number, end: number, identity?: string) => {
    const head = { ...quiet, part: `${part}-head`, range: { start, end }, identity };
    await discardPart(head.part);
    return transfer(client, head).finally(() => discardPart(head.part));
  };
  const { bytes: prefix, identity } = await head(0, 8);
  const dataStart = 8 + safetensorsHeaderLength(prefix, url);
  const { bytes: json } = await head(8, dataStart, identity);
  const { entries } = parseSafetensorsHeader(json, url);
  const missing = names.find((wanted) => !entries.some(({ name }) => name === wanted));
  if (missing !== undefined) throw contentError(url, `tensor ${missing} is missing.`);
  const stretches = coalesce(entries.filter(({ name }) => names.includes(name)));
  const total = stretches.reduce((sum, { start, end }) => sum + end - start, 0);
  const [tensors, parts]: [SafetensorsTensor[], string[]] = [[], []];
  let before = 0;
  for (const { start, end, within } of stretches) {
    const piece = parts.length === 0 ? part : `${part}-${parts.length}`;
    parts.push(piece);
    const { bytes } = await transfer(client, {
      ...request,
      part: piece,
      range: { start: dataStart + start, end: dataStart + end },
      identity,
      onBytes: (received) => onBytes?.(before + received, total),
    });
    before += end - start;
    for (const entry of within) {
      tensors.push(new SafetensorsTensor(entry, bytes.subarray(entry.start - start, entry.end - start)));
    }
  }
  return { tensors, parts };
}

/** Joins tensors, given in the order of their bytes, that lie side by side or nearly so. */
function coalesce(entries: readonly SafetensorsEntry[]) {
  const stretches: { start: number; end: number; within: SafetensorsEntry[] }[] = [];
  for (const entry of entries) {
    const last = stretches.at(-1);
    if (last && entry.start - last.end <= widestGap) {
      last.end = entry.end;
      last.within.push(entry);
    } else stretches.push({ start: entry.start, end: entry.end, within: [entry] });
  }
  return stretches;
}
