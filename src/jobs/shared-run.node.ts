import { nodePlatform } from '../api/platform.node.js';
import type { PreparedMethod } from '../api/prepared-method.js';
import { withPrepared, type Session } from '../api/session.js';
import type { EncodeOptions } from '../images/codec.js';
import type { AnyMethod, PictureSet } from '../methods/method.js';
import type { Runtime } from '../runtime/runtime.js';
import type { FilePairs } from './file-pairs.node.js';
import type { FilesRequest, RunEnvironment } from './files-request.js';
import { isFilm } from './film-pairs.js';
import { countFiles, readShared } from './picture-files.node.js';
import type { SharedPictures } from './shared-pictures.node.js';
import { versions } from './versions.node.js';

/** What all results of a request have in common. */
export interface SharedRun {
  readonly method: AnyMethod;
  readonly request: FilesRequest;
  readonly prepared: PreparedMethod;
  /** The pictures of all roles but the subject. */
  readonly shared: PictureSet;
  readonly environment: RunEnvironment;
  /** Keeps the subject for the next part of the same one; it is read anew otherwise. */
  readonly keeper?: SharedPictures | undefined;
}

/** How a request wants its pictures encoded. */
export function encodingOf({ quality, bitDepth }: FilesRequest): EncodeOptions {
  return { ...(quality === undefined ? {} : { quality }), ...(bitDepth === undefined ? {} : { bitDepth }) };
}

/**
 * Reads what a request needs, hands it over and frees it afterwards.
 * @param keeper has the pictures of all roles but the subject, and keeps them
 */
export async function withSharedRun<Result>(
  method: AnyMethod,
  request: FilesRequest,
  { pairs }: FilePairs,
  use: (run: SharedRun) => Promise<Result>,
  keeper?: SharedPictures,
): Promise<Result> {
  const { options = {}, network } = request;
  const films = pairs.filter((pair) => isFilm(method, pair)).length;
  const counts = { ...countFiles(method, request, pairs.length), ...(films > 0 ? { film: films } : {}) };
  const subject: Parameters<Session['prepare']> = [method, options, counts, network];
  return withPrepared(nodePlatform, subject, request, async (prepared, session) => {
    const { settings } = prepared;
    const shared = await (keeper?.read(method, settings, request) ?? readShared(method, settings, request));
    const environment = environmentOf(prepared, method.network && session.runtime);
    return use({ method, request, prepared, shared, environment });
  });
}

/** What a run computes with, in words and numbers. */
function environmentOf(
  { method, settings, network }: PreparedMethod,
  runtime: Runtime | undefined,
): RunEnvironment {
  const { device, threads } = runtime ?? {};
  return { method: method.name, settings, network: network?.name, device, threads, versions };
}
