import { channelStatistics, channelStatisticsLoss } from '../../src/losses/channel-statistics.js';
import { describeGoldenLosses, overStyleLayers } from './golden-losses.js';

describeGoldenLosses({
  mean_std: ({ x, style }) =>
    overStyleLayers((layer) =>
      channelStatisticsLoss(x.features[layer]!, channelStatistics(style.features[layer]!)),
    ),
});
