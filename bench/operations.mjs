/* Floating-point operations of one iteration: convolutions and matrix products, forward and backward. */
import { graph, resolveStylizeSettings } from '../dist/index.js';
import { pictureLoss } from '../dist/methods/stylize/picture-loss.js';
import { weightsOf, yardstickLoss } from './vgg.mjs';

const [network, side] = [process.argv[2], Number(process.argv[3])];
const loss = pictureLoss(await weightsOf(network), resolveStylizeSettings(yardstickLoss), side, side);
console.log(JSON.stringify({ operations: graph.estimateCost(loss).operations }));
