import { nodePlatform } from '../api/platform.node.js';
import type { PreparedMethod } from '../api/prepared-method.js';
import { Session } from '../api/session.js';
import type { EncodeOptions } from '../images/codec.js';
import type { AnyMethod, PictureSet } from '../methods/method.js';
import type { Runtime } from '../runtime/runtime.js';
import type { FilePairs } from './file-pairs.node.js';
import type { FilesRequest, RunEnvironment } from './files-request.js';
import { countFiles, readShared } from './picture-files.node.js';
import { versions } from './versions.node.js';

/** What all results of a request have in common. */
export interface SharedRun {
  readonly method: AnyMethod;
  readonly request: FilesRequest;
  readonly prepared: PreparedMethod;
  /** The pictures of all roles but the subject. */
  readonly shared: PictureSet;
  readonly environment: RunEnvironment;
}

/** How a request wants its pictures encoded. */
export function encodingOf({ quality, bitDepth }: FilesRequest): EncodeOptions {
  return { ...(quality === undefined ? {} : { quality }), ...(bitDepth === undefined ? {} : { bitDepth }) };
}

/** Reads what a request needs, hands it over and frees it afterwards. */
export async function withPrepared<Result>(
  method: AnyMethod,
  request: FilesRequest,
  { pairs }: FilePairs,
  use: (prepared: PreparedMethod, runtime: Runtime | undefined, shared: PictureSet) => Promise<Result>,
): Promise<Result> {
  const session = request.session ?? new Session(nodePlatform, request);
  try {
    const { options = {}, network } = request;
    const prepared = await session.prepare(
      method,
      options,
      countFiles(method, request, pairs.length),
      network,
    );
    try {
      const shared = await readShared(method, prepared.settings, request);
      return await use(prepared, method.network && session.runtime, shared);
    } finally {
      await prepared.dispose();
    }
  } finally {
    if (request.session === undefined) await session.dispose();
  }
}

/** What a run computes with, in words and numbers. */
export function environmentOf(
  { method, settings, network }: PreparedMethod,
  runtime: Runtime | undefined,
): RunEnvironment {
  return {
    method: method.name,
    settings,
    network: network?.name,
    device: runtime?.device,
    threads: runtime?.threads,
    versions,
  };
}
