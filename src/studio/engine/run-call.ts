import { methodFunction } from '../../api/method-function.js';
import type { Session } from '../../api/session.js';
import { encodeBlob } from '../../images/codec.browser.js';
import type { Image } from '../../images/image.js';
import { pixelsOf } from '../../images/pixels.js';
import type { TermFactors } from '../../losses/terms.js';
import type { PictureMatch } from '../../methods/match/match-method.js';
import {
  networkKindOf,
  type AnyMethod,
  type MethodOutcome,
  type PictureOutcome,
} from '../../methods/method.js';
import type { OptimizedPicture } from '../../methods/optimization/walk-method.js';
import type { Progress } from '../../methods/progress.js';
import { sentPictures, type DecodedPictures } from './decoded-pictures.js';
import type { RunAnswer, RunEvent, RunQuestion, SentOrder, SentPictureOrWord } from './engine-calls.js';
import { methodOf } from './method-of.js';

/** Steps from one state that can be gone back to, to the next. */
const stateEvery = 10;

/** How a run is followed and ended. */
export interface RunLine {
  readonly signal: AbortSignal;
  /** Tells the page; of a step the promise is kept when the page has dealt with it, with the factors to go on with. */
  tell(event: RunEvent): Promise<TermFactors | undefined>;
}

/** Runs a method as the page has asked. @throws as the method's function does */
export async function run(
  { order, memoryLimit, resume, factors }: RunQuestion,
  session: Session,
  decoded: DecodedPictures,
  line: RunLine,
): Promise<RunAnswer> {
  const method = methodOf(order.method);
  decoded.want('run', sentPictures(order));
  const request = await requestOf(order, method, decoded);
  let current = factors;
  const hear = async (event: Progress): Promise<void> => {
    if (event.type === 'picture') {
      void line.tell({ type: 'begun', isStepwise: event.plan.scales.length > 0 });
    } else if (event.type === 'part') {
      void line.tell({ type: 'part', done: event.done });
    } else if (event.type === 'iteration') {
      const { iteration, iterations, losses, scale, elapsed } = event;
      const answered = await line.tell({
        type: 'step',
        iterations,
        point: { ...losses, iteration, scale, elapsed },
        image: pixelsOf(event.image()),
        state: iteration % stateEvery === 0 ? event.state() : undefined,
      });
      if (factors !== undefined) current = answered ?? current;
    }
  };
  const outcome = (await methodFunction(method, session.platform)(request as never, {
    session,
    memoryLimit,
    signal: line.signal,
    ...(resume === undefined ? {} : { resume }),
    ...(factors === undefined ? {} : { factors: () => current ?? factors }),
    onProgress: hear,
  })) as MethodOutcome;
  return answerOf(method, outcome);
}

type Source = Image | File | string | NonNullable<SentOrder['initial']>;

/** The request that the library takes. Pictures of a role that has several are decoded once for all runs. */
async function requestOf(
  { pictures, options, network, initial }: SentOrder,
  method: AnyMethod,
  decoded: DecodedPictures,
): Promise<object> {
  const sources: Record<string, Source | readonly Source[]> = {};
  for (const { name, several, drawnOver } of method.roles) {
    const isKept = several === true && drawnOver === undefined;
    const read = async (picture: SentPictureOrWord): Promise<Source> => {
      if (typeof picture === 'string') return picture;
      return isKept ? decoded.get(picture) : new File([picture.blob], picture.name);
    };
    const given = await Promise.all((pictures[name] ?? []).map(read));
    if (given.length > 0) sources[name] = several === true ? given : given[0]!;
  }
  if (initial !== undefined) sources['initial'] = initial;
  const key = networkKindOf(method) === 'perceptual' ? 'network' : 'model';
  return { ...options, ...sources, ...(network === undefined ? {} : { [key]: network }) };
}

async function answerOf(method: AnyMethod, outcome: MethodOutcome): Promise<RunAnswer> {
  return {
    stopped: outcome.stopped,
    ...('image' in outcome && { image: pixelsOf((outcome as PictureOutcome).image) }),
    ...('curve' in outcome && { walk: walkOf(outcome as OptimizedPicture) }),
    ...('field' in outcome && { correspondence: correspondenceOf(outcome as PictureMatch) }),
    rows: method.summarize?.(outcome) ?? [],
    files: await filesOf(method, outcome),
  };
}

const walkOf = ({ curve, iterations, state }: OptimizedPicture): NonNullable<RunAnswer['walk']> => ({
  curve,
  iterations,
  state: state(),
});

const correspondenceOf = ({
  width,
  height,
  targetWidth,
  targetHeight,
  field,
  scores,
}: PictureMatch): NonNullable<RunAnswer['correspondence']> => ({
  ...{ width, height, targetWidth, targetHeight },
  ...{ field, scores },
});

/** What a method gives that is no picture, or more than one, as files. */
async function filesOf({ output }: AnyMethod, outcome: MethodOutcome): Promise<RunAnswer['files']> {
  const files: Readonly<Record<string, Image | Uint8Array>> =
    output.kind === 'folder'
      ? output.files(outcome)
      : output.kind === 'data'
        ? { [`pastiche${output.suffix}`]: output.encode(outcome) }
        : {};
  const entries = Object.entries(files).map(
    async ([name, file]) =>
      [
        name,
        'rgb' in file ? await encodeBlob(file, 'png') : new Blob([file as Uint8Array<ArrayBuffer>]),
      ] as const,
  );
  return Object.fromEntries(await Promise.all(entries));
}
