import { browserFiles } from '../../api/browser-files.browser.js';
import { Session } from '../../api/session.js';
import { formatRegionColor, readRegionMask } from '../../images/region-map.js';
import type { StyleModel } from '../../networks/style-model.js';
import { InPlaceRuntime } from '../../runtime/in-place-runtime.browser.js';
import { webThreadCount } from '../../runtime/web-thread-count.browser.js';
import { DecodedPictures } from './decoded-pictures.js';
import type { AdjustableModel, EngineCall, EngineCalls } from './engine-calls.js';
import { gramOf, layerNames, layerView } from './lesson-calls.js';
import { plan } from './plan-call.js';
import { run, type RunLine } from './run-call.js';

type Answers = {
  readonly [Name in EngineCall]: (
    question: EngineCalls[Name]['question'],
    line: RunLine,
  ) => Promise<EngineCalls[Name]['answer']>;
};

/** Calls that compute: once one of them is done, the device is known. */
const computing: ReadonlySet<EngineCall> = new Set(['run', 'layer', 'gram']);

/** The engine in its worker: what is asked for, by one session. */
export class EngineService {
  private readonly runtime: InPlaceRuntime;
  private readonly session: Session;
  private readonly decoded = new DecodedPictures();
  private device: string | undefined;

  private readonly answers: Answers = {
    run: (question, line) => run(question, this.session, this.decoded, line),
    plan: async (question) => {
      const answer = await plan(question, this.session, this.decoded);
      // While the person still looks, so that the first picture doesn't wait for it. What fails here the run will say.
      this.runtime.start().catch(() => undefined);
      return answer;
    },
    model: (name) => this.adjustable(name),
    layers: (network) => layerNames(network, this.session),
    layer: (question) => layerView(question, this.session),
    gram: (question) => gramOf(question, this.session),
    regions: async ({ blob, name }) => {
      const image = await browserFiles.readPicture(blob, name, {});
      return readRegionMask(image, name).colors.map(formatRegionColor);
    },
  };

  constructor(wasm: string) {
    const runtime = new InPlaceRuntime({ device: 'auto', threads: webThreadCount(), wasm });
    this.runtime = runtime;
    this.session = new Session({ ...browserFiles, createRuntime: () => runtime });
  }

  /** Does what is asked. @throws as the call does */
  answer<Name extends EngineCall>(
    call: Name,
    question: EngineCalls[Name]['question'],
    line: RunLine,
  ): Promise<EngineCalls[Name]['answer']> {
    return this.answers[call](question, line);
  }

  /** The device, where it is another one than before since a call has been done. */
  newDevice(call: EngineCall): string | undefined {
    const { device, hasStarted } = this.runtime;
    if (!computing.has(call) || !hasStarted || device === this.device) return undefined;
    return (this.device = device);
  }

  private async adjustable(name: string): Promise<AdjustableModel | undefined> {
    const { styles, chosen, knobs } = (await this.session.network(name, 'model')).weights as StyleModel;
    return styles === undefined ? undefined : { styles, first: chosen ?? styles[0]!, knobs };
  }
}
