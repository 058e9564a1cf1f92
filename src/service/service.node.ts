import type { Logger } from 'pino';
import type { ApiKeys } from './api-keys.node.js';
import type { JobFeed } from './job-feed.js';
import type { JobFiles } from './job-files.js';
import type { JobStore } from './job-store.js';
import type { ServiceMetrics } from './service-metrics.node.js';
import type { ServiceLimits } from './service-limits.js';
import type { WorkerPool } from './worker-pool.node.js';

/** What the routes of the service work with. */
export interface Service {
  readonly store: JobStore;
  readonly files: JobFiles;
  readonly feed: JobFeed;
  readonly pool: WorkerPool;
  readonly keys: ApiKeys;
  readonly limits: ServiceLimits;
  readonly metrics: ServiceMetrics;
  readonly log: Logger;
}
