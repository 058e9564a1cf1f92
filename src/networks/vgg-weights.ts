/** One convolution's numbers: `weight` is [outputChannels, inputChannels, kernel, kernel] row by row, `bias` [outputChannels]. */
export interface ConvolutionWeights {
  readonly outputChannels: number;
  readonly inputChannels: number;
  /** Side of the square kernel: 3 for VGG's layers, 1 for `preprocess` and the projections. */
  readonly kernel: number;
  readonly weight: Float32Array;
  readonly bias: Float32Array;
}

/**
 * The numbers of a VGG network, whatever file they came from, in one form.
 * Channel counts are the file's: a compact network has fewer than VGG's 64 .. 512.
 */
export interface VggWeights {
  readonly architecture: 'vgg16' | 'vgg19';
  /** 1x1 convolution from RGB in [0, 1] to what the first layer was trained on (mean-subtracted BGR 0..255, or normalised RGB). */
  readonly preprocess: ConvolutionWeights;
  /** By name, `conv1_1` onwards, without gaps, at least to `conv5_1` for a full file; may stop earlier or later. */
  readonly convolutions: Readonly<Record<string, ConvolutionWeights>>;
  /**
   * For a compact network, by layer name (`relu1_1`): the 1x1 convolution from its features to those of the full VGG,
   * so that losses can be measured in the full network's space. Empty for a full network.
   */
  readonly projections: Readonly<Record<string, ConvolutionWeights>>;
  /** Where the numbers came from, for reports: file or registry name, and the recognised format. */
  readonly source: { readonly name: string; readonly format: string };
}
