import { collectDefaultMetrics, Counter, Gauge, Histogram, Registry } from 'prom-client';
import { jobStatuses } from './job.js';
import type { JobStore, StoredJob } from './job-store.js';

/** Numbers about the service, for Prometheus. */
export class ServiceMetrics {
  private readonly registry = new Registry();
  private readonly requests = new Histogram({
    name: 'pastiche_http_request_seconds',
    help: 'Seconds until a request was answered',
    labelNames: ['method', 'route', 'status'],
    registers: [this.registry],
  });
  private readonly ended = new Counter({
    name: 'pastiche_jobs_ended_total',
    help: 'Jobs that have ended',
    labelNames: ['method', 'status', 'code'],
    registers: [this.registry],
  });
  private readonly seconds = new Histogram({
    name: 'pastiche_job_seconds',
    help: 'Seconds from the start of a job to its end',
    labelNames: ['method'],
    buckets: [0.1, 0.5, 1, 5, 10, 30, 60, 300, 1800, 3600],
    registers: [this.registry],
  });

  constructor(store: JobStore) {
    collectDefaultMetrics({ register: this.registry });
    new Gauge({
      name: 'pastiche_jobs',
      help: 'Jobs that are stored, by their status',
      labelNames: ['status'],
      registers: [this.registry],
      async collect() {
        const counts = await store.counts();
        for (const status of jobStatuses) this.set({ status }, counts[status]);
      },
    });
  }

  readonly contentType = this.registry.contentType;

  /** @param route its pattern, never an address with identifiers */
  answered(method: string, route: string, status: number, seconds: number): void {
    this.requests.observe({ method, route, status }, seconds);
  }

  jobEnded({ request, status, error, started, finished }: StoredJob): void {
    this.ended.inc({ method: request.method, status, code: error?.code ?? '' });
    if (started !== undefined && finished !== undefined)
      this.seconds.observe({ method: request.method }, (finished - started) / 1000);
  }

  /** Everything in Prometheus' text format. */
  text(): Promise<string> {
    return this.registry.metrics();
  }
}
