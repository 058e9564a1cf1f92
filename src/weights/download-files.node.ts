import { downloadModel, type DownloadOptions } from './download.node.js';
import type { DownloadProgress, PulledModel } from './models.js';
import { recordsOfFiles, type ModelRecord } from './registry.js';

/**
 * Downloads all files of a known model, one after the other; bytes are counted over all of them.
 * @param options those of {@link downloadModel}; `from` is the address of a folder where there are several files
 * @returns the first file, with the others
 * @throws StyleError as {@link downloadModel}
 */
export async function downloadFiles(
  record: ModelRecord,
  { from, onProgress, ...options }: DownloadOptions,
): Promise<PulledModel> {
  const records = recordsOfFiles(record);
  const sizeOfAll = records.reduce((sum, { size }) => sum + size, 0);
  const pulled: PulledModel[] = [];
  let before = 0;
  for (const one of records) {
    const counted = (event: DownloadProgress): void =>
      onProgress?.(
        event.type === 'bytes' ? { ...event, received: before + event.received, total: sizeOfAll } : event,
      );
    pulled.push(
      await downloadModel(one, {
        ...options,
        from: records.length === 1 || from === undefined ? from : addressIn(from, one.fileName),
        onProgress: records.length === 1 ? onProgress : counted,
      }),
    );
    before += one.size;
  }
  const [main, ...also] = pulled as [PulledModel, ...PulledModel[]];
  return also.length === 0 ? main : { ...main, also };
}

/** The address of a file in a folder; what follows a question mark stays behind it. */
function addressIn(folder: string, fileName: string): string {
  const [path, ...query] = folder.split('?') as [string, ...string[]];
  return [`${path.replace(/\/?$/, '/')}${fileName}`, ...query].join('?');
}
