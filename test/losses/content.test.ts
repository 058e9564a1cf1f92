import { contentLoss } from '../../src/losses/content.js';
import { describeGoldenLosses } from './golden-losses.js';

describeGoldenLosses({
  content: ({ x, content }) => contentLoss(x.features['relu4_2']!, content.features['relu4_2']!, 'mean'),
});
