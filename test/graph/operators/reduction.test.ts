import { max, mean } from '../../../src/graph/index.js';
import { describeReduction, total } from '../reduction-cases.js';

describeReduction('mean', mean, (values) => total(values) / values.length);
describeReduction('max', max, (values) => Math.max(...values));
