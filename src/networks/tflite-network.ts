import { StyleError } from '../errors.js';
import type { TfliteModel, TfliteOperator } from '../formats/tflite.js';
import { tfliteFloats, tfliteIntegers } from '../formats/tflite-values.js';
import {
  constant,
  formatShape,
  input,
  reshape,
  simplify,
  transpose,
  type Shape,
  type Tensor,
} from '../graph/index.js';
import { conversions, translations, type TranslatedOperator } from './tflite-operators.js';

/** A TFLite model as an expression, for pictures of any size. */
export interface TfliteNetwork {
  /** Shapes of what goes in and comes out at the size that the file is for, NCHW. */
  readonly inputs: readonly Shape[];
  readonly outputs: readonly Shape[];
  /**
   * The outputs for some inputs, NCHW, in the file's order. Heights and widths are the inputs' own.
   * @throws StyleError `E_SHAPE` for pictures that are too small for the network's borders
   */
  readonly apply: (inputs: readonly Tensor[]) => Tensor[];
}

/** What comes out at `index` of a model: computed, or a constant of the file. */
type Values = Map<number, Tensor>;

const toOwn = [0, 3, 1, 2] as const;

/** @param where which part of the model it is about: "operator 3, CONV_2D," */
function unfit({ name }: TfliteModel, where: string, problem: string, cause?: unknown): StyleError {
  return new StyleError(
    'E_WEIGHTS_CONTENT',
    `"${name}" is no TFLite model that Pastiche can run: ${where} ${problem}.`,
    'Give one of the two files of Magenta\'s network for any style; pullModel("magenta") downloads them.',
    { cause },
  );
}

/**
 * Turns a TFLite model into an expression of float32. Only what depends on a picture's size in the file itself is taken from its size
 * there: nearest neighbours become multiples. Every result is compared with the shape that the file has for it.
 * @throws StyleError `E_WEIGHTS_CONTENT` for a model with an operator that is not known, which is named, or with parts that don't fit
 */
export function tfliteNetwork(model: TfliteModel): TfliteNetwork {
  const unknown = model.operators.find(({ type }) => !translations.has(type));
  if (unknown !== undefined) throw unfit(model, `the operator ${unknown.type}`, 'is not known');
  const translator = new Translator(model);
  const shapes = (indices: readonly number[]): Shape[] => indices.map((index) => ownShape(model, index));
  const [inputs, outputs] = [shapes(model.inputs), shapes(model.outputs)];
  translator.run(
    inputs.map((shape, index) => input(`input${index}`, shape)),
    true,
  );
  return { inputs, outputs, apply: (given) => translator.run(given, false) };
}

/** The shape that the file has for a picture or map, NCHW. */
function ownShape(model: TfliteModel, index: number): Shape {
  const { name, shape } = model.tensors[index]!;
  if (shape.length !== 4)
    throw unfit(model, `"${name}"`, `has the shape ${formatShape(shape)}, and four axes are needed`);
  return toOwn.map((axis) => shape[axis]!);
}

/** A transpose; where it moves axes of length 1 alone, as with 1 x 1 kernels, no value is moved. */
function reordered(x: Tensor, permutation: readonly number[]): Tensor {
  const moved = permutation.filter((axis) => x.shape[axis] !== 1);
  const isSameOrder = moved.every((axis, place) => place === 0 || axis > moved[place - 1]!);
  const shape = permutation.map((axis) => x.shape[axis]!);
  return isSameOrder ? reshape(x, shape) : transpose(x, permutation);
}

/** Runs a model's operators as expressions, one after the other, and remembers its constants. */
class Translator {
  private readonly constants = new Map<string, Tensor>();
  /** Constants that are another one in another type, by their indices. */
  private readonly aliases = new Map<number, number>();

  constructor(private readonly model: TfliteModel) {
    for (const { type, inputs, outputs } of model.operators) {
      const source = this.sourceOf(inputs[0] ?? -1);
      if (conversions.has(type) && this.isConstant(source) && outputs[0] !== undefined)
        this.aliases.set(outputs[0], source);
    }
  }

  /** @param isVerified whether the inputs have the shapes that the file has, so that all results must have them */
  run(inputs: readonly Tensor[], isVerified: boolean): Tensor[] {
    const { model } = this;
    const values: Values = new Map(model.inputs.map((index, at) => [index, inputs[at]!]));
    model.operators.forEach((operator, place) => {
      const [output] = operator.outputs;
      if (output !== undefined && this.aliases.has(output)) return;
      const where = `operator ${place}, ${operator.type},`;
      if (operator.outputs.length !== 1) throw unfit(model, where, `has ${operator.outputs.length} results`);
      const result = this.translate(operator, where, values, isVerified);
      const expected = isVerified ? ownShape(model, output!) : result.shape;
      if (formatShape(result.shape) !== formatShape(expected)) {
        throw unfit(
          model,
          where,
          `gives ${formatShape(result.shape)}, and the file says ${formatShape(expected)}`,
        );
      }
      values.set(output!, result);
    });
    return model.outputs.map((index) => {
      const value = values.get(index);
      if (value === undefined)
        throw unfit(model, `its output "${model.tensors[index]!.name}"`, 'is never computed');
      return value;
    });
  }

  private translate(operator: TfliteOperator, where: string, values: Values, isVerified: boolean): Tensor {
    try {
      return translations.get(operator.type)!(this.seenBy(operator, where, values));
    } catch (cause) {
      // Of pictures that are too small the graph itself tells; at the file's own size the file is wrong.
      if (!isVerified || !(cause instanceof StyleError) || cause.code !== 'E_SHAPE') throw cause;
      throw unfit(this.model, where, `does not fit: ${cause.message.replace(/\.$/, '')}`, cause);
    }
  }

  private seenBy({ inputs, options }: TfliteOperator, where: string, values: Values): TranslatedOperator {
    const { model } = this;
    const refuse = (problem: string): never => {
      throw unfit(model, where, problem);
    };
    const indexOf = (at: number): number => {
      const index = inputs[at] ?? -1;
      return index === -1 ? refuse(`has ${inputs.length} inputs`) : this.sourceOf(index);
    };
    return {
      options,
      refuse,
      has: (at) => (inputs[at] ?? -1) !== -1,
      map: (at) => {
        const index = indexOf(at);
        const computed = values.get(index);
        if (computed !== undefined) return computed;
        return this.isConstant(index)
          ? this.constantMap(index, refuse)
          : refuse('comes before one that it needs');
      },
      weights: (at, permutation) => {
        const index = indexOf(at);
        const { shape } = model.tensors[index]!;
        if (shape.length !== permutation.length) refuse(`has weights of shape ${formatShape(shape)}`);
        return this.constant(index, shape, permutation);
      },
      integers: (at) => tfliteIntegers(model.tensors[indexOf(at)]!, model.name),
      shapeInFile: (at) => model.tensors[indexOf(at)]!.shape,
    };
  }

  /** A constant in place of a map: one number, or one for each channel. */
  private constantMap(index: number, refuse: (problem: string) => never): Tensor {
    const { shape } = this.model.tensors[index]!;
    const whole = [...[1, 1, 1, 1].slice(shape.length), ...shape];
    if (whole.length !== 4 || whole.slice(0, 3).some((length) => length !== 1))
      refuse(`has a constant of shape ${formatShape(shape)}`);
    return this.constant(index, whole, toOwn);
  }

  private constant(index: number, shape: Shape, permutation: readonly number[]): Tensor {
    const key = `${index} ${permutation.join()}`;
    const known = this.constants.get(key);
    if (known !== undefined) return known;
    const tensor = this.model.tensors[index]!;
    const values = constant(tfliteFloats(tensor, this.model.name), tensor.shape);
    const [folded] = simplify([reordered(reshape(values, shape), permutation)]) as [Tensor];
    this.constants.set(key, folded);
    return folded;
  }

  private sourceOf(index: number): number {
    return this.aliases.get(index) ?? index;
  }

  private isConstant(index: number): boolean {
    return this.model.tensors[index]?.data !== undefined;
  }
}
