export {
  type Attributes,
  type AttributeValue,
  type DataType,
  type Emitter,
  type Operator,
  type Target,
  type Tensor,
  type TensorData,
  type TensorType,
  constant,
  input,
  named,
  scalar,
} from './tensor.js';
export { type Shape, formatShape, sizeOf } from './shape.js';
export { estimateCost, type Cost } from './cost.js';
export { gradients } from './gradients.js';
export {
  splitIntoWindows,
  type MapShape,
  type MapSides,
  type Marks,
  type WindowedScalar,
  type WindowedSegment,
  type WindowedStage,
} from './window-graphs.js';
export {
  findPositions,
  pixelsBetween,
  segmentNeeds,
  segmentOf,
  type BuiltExpression,
  type Cut,
  type Layout,
  type PositionedExpression,
  type SegmentNeeds,
} from './windows.js';
export { simplify, type SimplifyOptions } from './simplify.js';
export { readOnnxFile, type OnnxFile, type OnnxNode, type OnnxValue } from './onnx-file.js';
export { fixPictureSize, type PictureAxes, type PictureSides } from './onnx-size.js';
export { encodeOnnx, opsetVersion, type NamedTensors, type OnnxModel, type OnnxOptions } from './onnx.js';
export { argMax } from './operators/arg-max.js';
export * from './operators/activation.js';
export {
  absolute,
  add,
  clip,
  divide,
  exp,
  log,
  multiply,
  negate,
  sigmoid,
  sqrt,
  square,
  stopGradient,
  subtract,
  tanh,
  zeros,
} from './operators/arithmetic.js';
export { expand, sum, sumToShape } from './operators/broadcasting.js';
export { positions, scaleMap } from './operators/convolution/blocked-layout.js';
export * from './operators/convolution/convolution.js';
export { diagonalSums, type DiagonalSumsOptions } from './operators/convolution/diagonal-sums.js';
export * from './operators/convolution/phases.js';
export * from './operators/gather.js';
export { reshape, reverse, transpose } from './operators/layout.js';
export * from './operators/matrix.js';
export * from './operators/normalization.js';
export * from './operators/padding.js';
export { averagePool, maxPool, upsampleNearest } from './operators/pooling.js';
export * from './operators/reduction.js';
export * from './operators/resize.js';
export * from './operators/selection.js';
export { concat, crop, pictureAt, slice } from './operators/slicing.js';
export * from './operators/depth-space.js';
