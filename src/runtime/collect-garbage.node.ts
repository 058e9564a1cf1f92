import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';

/** Encoded models smaller than this aren't worth a collection. */
const worthwhile = 16e6;

let collect: (() => void) | undefined;

/**
 * Has V8 collect garbage, soon, after a model of this many bytes was compiled. Encoding a network leaves several copies
 * of its weights behind; they lie outside V8's heap, where it doesn't see them grow, and without this they would
 * still be there when the first run needs the most memory.
 */
export function collectGarbageAfterCompiling(bytes: number): void {
  if (bytes < worthwhile) return;
  if (collect === undefined) {
    setFlagsFromString('--expose-gc');
    collect = runInNewContext('gc') as () => void;
  }
  // Only once the caller's frames have let go of the model, and before a run that is begun next.
  setImmediate(collect);
}
