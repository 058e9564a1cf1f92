import { stat } from 'node:fs/promises';
import { extname, join } from 'node:path';
import type { AnyMethod } from '../methods/method.js';
import { imageSuffixes } from '../images/codec.js';
import { statePath } from '../jobs/file-recorder.node.js';
import type { ResultFile } from './job.js';

/** What a job's result is called in its folder: a file with its suffix, or a folder. */
const resultName = 'result';

/** What a job's state is called, from which another worker goes on. */
export const stateName = statePath(`${resultName}.png`);

/** The path that a method writes to within a job's folder; undefined where it gives numbers only. */
export function outputName({ output }: AnyMethod, pictureSuffix: string): string | undefined {
  if (output.kind === 'none') return undefined;
  if (output.kind === 'folder') return resultName;
  if (output.kind === 'data') return `${resultName}${output.suffix}`;
  return output.kind === 'page' ? `${resultName}.html` : `${resultName}${pictureSuffix}`;
}

/** Names of all files that a method writes, within a job's folder. */
export function outputFiles(method: AnyMethod, pictureSuffix: string): readonly string[] {
  const name = outputName(method, pictureSuffix);
  if (name === undefined) return [];
  return method.output.kind === 'folder' ? method.output.names.map((file) => `${name}/${file}`) : [name];
}

const mediaTypes: Readonly<Record<string, string>> = {
  '.json': 'application/json',
  '.html': 'text/html',
  '.mp4': 'video/mp4',
  '.m4v': 'video/mp4',
  '.mov': 'video/quicktime',
  '.mkv': 'video/x-matroska',
  '.webm': 'video/webm',
  '.gif': 'image/gif',
};

/** The media type of a file by its suffix. */
export function mediaType(name: string): string {
  const suffix = extname(name).toLowerCase();
  const format = imageSuffixes[suffix];
  if (format !== undefined) return `image/${format}`;
  return mediaTypes[suffix] ?? 'application/octet-stream';
}

/** What is known of the files that were written. */
export async function describeFiles(folder: string, names: readonly string[]): Promise<ResultFile[]> {
  const described = names.map(async (name) => {
    const found = await stat(join(folder, name)).catch(() => undefined);
    return found && { name, type: mediaType(name), bytes: found.size };
  });
  return (await Promise.all(described)).filter((file) => file !== undefined);
}
