/*
 * What is where in a TFLite file: the slots of the tables' fields and the numbers of operators and types, from TensorFlow's schema
 * (tensorflow/lite/schema/schema.fbs, version 3).
 */

/** Slots of fields, by table. */
export const slots = {
  model: { version: 0, operatorCodes: 1, subgraphs: 2, buffers: 4 },
  subgraph: { tensors: 0, inputs: 1, outputs: 2, operators: 3 },
  tensor: { shape: 0, type: 1, buffer: 2, name: 3, quantization: 4, sparsity: 6 },
  quantization: { scales: 2, zeroPoints: 3, axis: 6 },
  buffer: { data: 0 },
  operatorCode: { oldCode: 0, customName: 1, code: 3 },
  operator: { code: 0, inputs: 1, outputs: 2, options: 4 },
} as const;

/** Where an option is, how many bits it has, and what it is where a file leaves it out. */
export interface OptionSlot {
  readonly slot: number;
  readonly bits: 8 | 32;
  readonly otherwise: number;
}

const byte = (slot: number): OptionSlot => ({ slot, bits: 8, otherwise: 0 });
const integer = (slot: number, otherwise = 0): OptionSlot => ({ slot, bits: 32, otherwise });

/** The options of a convolution. @param activation the slot of its activation, which those of the dilations follow */
const convolutionSlots = (activation: number): Readonly<Record<string, OptionSlot>> => ({
  padding: byte(0),
  strideX: integer(1),
  strideY: integer(2),
  activation: byte(activation),
  dilationX: integer(activation + 1, 1),
  dilationY: integer(activation + 2, 1),
});

/** The options of the operators that we run, by their names. */
export const optionSlots: Readonly<Record<string, Readonly<Record<string, OptionSlot>>>> = {
  ADD: { activation: byte(0) },
  CONV_2D: convolutionSlots(3),
  DEPTHWISE_CONV_2D: convolutionSlots(4),
  MEAN: { keepAxes: byte(0) },
  MIRROR_PAD: { mode: byte(0) },
  MUL: { activation: byte(0) },
  RESIZE_NEAREST_NEIGHBOR: { alignCorners: byte(0), halfPixelCenters: byte(1) },
  SUB: { activation: byte(0) },
};

/** Names and sizes of the types of a tensor's elements, by their numbers; types of other sizes are not read. */
export const elementTypes = [
  { type: 'FLOAT32', bytes: 4 },
  { type: 'FLOAT16', bytes: 2 },
  { type: 'INT32', bytes: 4 },
  { type: 'UINT8', bytes: 1 },
  { type: 'INT64', bytes: 8 },
  { type: 'STRING', bytes: undefined },
  { type: 'BOOL', bytes: 1 },
  { type: 'INT16', bytes: 2 },
  { type: 'COMPLEX64', bytes: 8 },
  { type: 'INT8', bytes: 1 },
] as const;

/** A type that we have no name for is called by its number. */
export type TfliteType = (typeof elementTypes)[number]['type'] | `type ${number}`;

/** The number of operators that have a name of their own in the file. */
export const customOperator = 32;

/** Names of the operators in the order of their numbers. */
const operatorNames = [
  ...['ADD', 'AVERAGE_POOL_2D', 'CONCATENATION', 'CONV_2D', 'DEPTHWISE_CONV_2D', 'DEPTH_TO_SPACE'],
  ...['DEQUANTIZE', 'EMBEDDING_LOOKUP', 'FLOOR', 'FULLY_CONNECTED', 'HASHTABLE_LOOKUP', 'L2_NORMALIZATION'],
  ...['L2_POOL_2D', 'LOCAL_RESPONSE_NORMALIZATION', 'LOGISTIC', 'LSH_PROJECTION', 'LSTM', 'MAX_POOL_2D'],
  ...['MUL', 'RELU', 'RELU_N1_TO_1', 'RELU6', 'RESHAPE', 'RESIZE_BILINEAR', 'RNN', 'SOFTMAX'],
  ...['SPACE_TO_DEPTH', 'SVDF', 'TANH', 'CONCAT_EMBEDDINGS', 'SKIP_GRAM', 'CALL', 'CUSTOM'],
  ...['EMBEDDING_LOOKUP_SPARSE', 'PAD', 'UNIDIRECTIONAL_SEQUENCE_RNN', 'GATHER', 'BATCH_TO_SPACE_ND'],
  ...['SPACE_TO_BATCH_ND', 'TRANSPOSE', 'MEAN', 'SUB', 'DIV', 'SQUEEZE', 'UNIDIRECTIONAL_SEQUENCE_LSTM'],
  ...['STRIDED_SLICE', 'BIDIRECTIONAL_SEQUENCE_RNN', 'EXP', 'TOPK_V2', 'SPLIT', 'LOG_SOFTMAX', 'DELEGATE'],
  ...['BIDIRECTIONAL_SEQUENCE_LSTM', 'CAST', 'PRELU', 'MAXIMUM', 'ARG_MAX', 'MINIMUM', 'LESS', 'NEG'],
  ...['PADV2', 'GREATER', 'GREATER_EQUAL', 'LESS_EQUAL', 'SELECT', 'SLICE', 'SIN', 'TRANSPOSE_CONV'],
  ...['SPARSE_TO_DENSE', 'TILE', 'EXPAND_DIMS', 'EQUAL', 'NOT_EQUAL', 'LOG', 'SUM', 'SQRT', 'RSQRT', 'SHAPE'],
  ...['POW', 'ARG_MIN', 'FAKE_QUANT', 'REDUCE_PROD', 'REDUCE_MAX', 'PACK', 'LOGICAL_OR', 'ONE_HOT'],
  ...[
    'LOGICAL_AND',
    'LOGICAL_NOT',
    'UNPACK',
    'REDUCE_MIN',
    'FLOOR_DIV',
    'REDUCE_ANY',
    'SQUARE',
    'ZEROS_LIKE',
  ],
  ...['FILL', 'FLOOR_MOD', 'RANGE', 'RESIZE_NEAREST_NEIGHBOR', 'LEAKY_RELU', 'SQUARED_DIFFERENCE'],
  ...['MIRROR_PAD', 'ABS', 'SPLIT_V', 'UNIQUE', 'CEIL', 'REVERSE_V2', 'ADD_N', 'GATHER_ND', 'COS', 'WHERE'],
  ...['RANK', 'ELU', 'REVERSE_SEQUENCE', 'MATRIX_DIAG', 'QUANTIZE', 'MATRIX_SET_DIAG', 'ROUND', 'HARD_SWISH'],
  ...[
    'IF',
    'WHILE',
    'NON_MAX_SUPPRESSION_V4',
    'NON_MAX_SUPPRESSION_V5',
    'SCATTER_ND',
    'SELECT_V2',
    'DENSIFY',
  ],
  ...['SEGMENT_SUM', 'BATCH_MATMUL'],
] as const;

/** The name of an operator; one that came later is called by its number. */
export const operatorName = (code: number): string => operatorNames[code] ?? `operator ${code}`;
