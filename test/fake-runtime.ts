import type { NamedTensors, OnnxModel } from '../src/graph/index.js';
import type { InputValues, OutputValues, Program, Runtime } from '../src/runtime/runtime.js';

/** A program that computes what a function says. */
export class FakeProgram implements Program {
  readonly outputs: Program['outputs'] = {};
  /** What was bound, and what it was run with beside that. */
  bound: InputValues = {};
  readonly runs: InputValues[] = [];
  disposals = 0;

  constructor(
    private readonly compute: (inputs: InputValues) => OutputValues = () => ({}),
    readonly inputs: Program['inputs'] = {},
  ) {}

  bind(inputs: InputValues): Promise<void> {
    this.bound = { ...this.bound, ...inputs };
    return Promise.resolve();
  }

  run(inputs: InputValues): Promise<OutputValues> {
    this.runs.push(inputs);
    return Promise.resolve(this.compute({ ...this.bound, ...inputs }));
  }

  dispose(): Promise<void> {
    this.disposals += 1;
    return Promise.resolve();
  }
}

/** A runtime whose programs compute nothing, and that remembers them. */
export class FakeRuntime implements Runtime {
  readonly device = 'fake';
  readonly threads = 1;
  readonly compiled: { readonly graph: NamedTensors | OnnxModel; readonly program: FakeProgram }[] = [];
  disposals = 0;

  open(model: OnnxModel): Promise<Program> {
    return this.compile(model);
  }

  compile(graph: NamedTensors | OnnxModel): Promise<Program> {
    const program = new FakeProgram();
    this.compiled.push({ graph, program });
    return Promise.resolve(program);
  }

  dispose(): Promise<void> {
    this.disposals += 1;
    return Promise.resolve();
  }

  /** Programs that are not disposed. */
  get alive(): number {
    return this.compiled.filter(({ program }) => program.disposals === 0).length;
  }
}
