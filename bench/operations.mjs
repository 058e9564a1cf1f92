/* Floating-point operations of one iteration: convolutions and matrix products, forward and backward. */
import { graph } from '../dist/engine.js';
import { resolveStylizeSettings } from '../dist/methods/stylize/options.js';
import { lossGraph } from '../dist/methods/optimization/compiled-loss.js';
import { stylizeLoss } from '../dist/methods/stylize/picture-loss.js';
import { weightsOf, yardstickLoss } from './vgg.mjs';

const [network, side] = [process.argv[2], Number(process.argv[3])];
const size = { width: side, height: side };
const loss = lossGraph(stylizeLoss(await weightsOf(network), resolveStylizeSettings(yardstickLoss), size));
console.log(JSON.stringify({ operations: graph.estimateCost(loss).operations }));
