import { createHash } from 'node:crypto';
import { mkdtemp, readFile, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, expect } from 'vitest';
import {
  downloadModel,
  type DownloadOptions,
  type DownloadProgress,
} from '../../src/weights/download.node.js';
import type { PulledModel } from '../../src/weights/models.js';
import type { ModelRecord } from '../../src/weights/registry.js';
import { FileServer } from './file-server.js';
import { asFile, ownTensors } from './narrow-vgg.js';

/** The file that is pulled, and another network's. */
export const bytes = asFile(ownTensors('vgg19'));
export const other = asFile(ownTensors('vgg16'));
export const half = Math.floor(bytes.length / 2);

export function digest(algorithm: string, of: Uint8Array): string {
  return createHash(algorithm).update(of).digest('hex');
}

/** A model whose digest nobody published. */
export const unpublished: ModelRecord = {
  name: 'toy',
  title: 'a narrow network',
  architecture: 'vgg19',
  licence: 'MIT',
  credit: 'the tests',
  fileName: 'toy.safetensors',
  size: bytes.length,
  source: { kind: 'file', url: 'http://127.0.0.1:1/overridden' },
};
export const md5 = digest('md5', bytes);
export const toy: ModelRecord = { ...unpublished, hash: { algorithm: 'md5', digest: md5 } };

/** What a test of downloads works with: a server for all tests of a file, a folder and an ear for each. */
export class Downloads {
  server!: FileServer;
  folder!: string;
  progress: DownloadProgress[] = [];

  /** Makes the server and the folders for the tests of a file. */
  static use(): Downloads {
    const downloads = new Downloads();
    beforeAll(async () => void (downloads.server = await FileServer.start()));
    afterAll(() => downloads.server.close());
    beforeEach(async () => {
      downloads.folder = await mkdtemp(join(tmpdir(), 'pastiche-download-'));
      downloads.progress = [];
    });
    afterEach(() => rm(downloads.folder, { recursive: true }));
    return downloads;
  }

  pull(options: DownloadOptions = {}, record: ModelRecord = toy): Promise<PulledModel> {
    return downloadModel(record, {
      folder: this.folder,
      from: this.server.url(),
      environment: {},
      pauses: [1, 1],
      onProgress: (event) => {
        this.progress.push(event);
        if (event.type === 'bytes') this.server.clientHasRead();
      },
      ...options,
    });
  }

  /** The error that a pull ends with. */
  failure(options: DownloadOptions = {}, record: ModelRecord = toy): Promise<unknown> {
    return this.pull(options, record).then(
      () => 'it succeeded',
      (error: unknown) => error,
    );
  }

  /** Why tries failed. */
  get retries(): string[] {
    return this.progress.filter((event) => event.type === 'retry').map(({ reason }) => reason);
  }

  path(name = 'toy.safetensors'): string {
    return join(this.folder, name);
  }

  async files(): Promise<string[]> {
    return (await readdir(this.folder)).sort();
  }

  /** The model is in place, whole, and nothing but the note lies beside it. */
  async expectInPlace(expected = bytes): Promise<void> {
    expect(await this.files()).toEqual(['toy.safetensors', 'toy.safetensors.json']);
    expect(Buffer.compare(await readFile(this.path()), expected)).toBe(0);
  }
}
