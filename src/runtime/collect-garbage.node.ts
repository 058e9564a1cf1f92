import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';

/** Encoded models smaller than this aren't worth a collection. */
const worthwhile = 16e6;

let collect: (() => void) | undefined;

/**
 * Schedules a garbage collection after a model of this many bytes was compiled. Encoding a network leaves several copies of
 * its weights, outside V8's heap, where they don't trigger a collection; without this they would still take memory when
 * the first run needs the most.
 */
export function collectGarbageAfterCompiling(bytes: number): void {
  if (bytes < worthwhile) return;
  if (collect === undefined) {
    setFlagsFromString('--expose-gc');
    collect = runInNewContext('gc') as () => void;
  }
  // After the caller's frames have released the model, and before the next run.
  setImmediate(collect);
}
