import { z } from 'zod';

/** Where a job stands. */
export const jobStatuses = ['queued', 'running', 'done', 'failed', 'cancelled'] as const;
export type JobStatus = (typeof jobStatuses)[number];

/** What went wrong, as every answer of the service that is not as it should be has it. */
export const problemSchema = z
  .object({
    code: z.string().describe('stable identifier, such as E_IMAGE_DECODE'),
    message: z.string().describe('what went wrong, with the value that it is about'),
    remedy: z.string().describe('what to do'),
    option: z.string().optional().describe('the option or role that it is about'),
  })
  .meta({ id: 'Problem' });
export type Problem = z.infer<typeof problemSchema>;

export const refusalSchema = z.object({ error: problemSchema }).meta({ id: 'Refusal' });

export const resultFileSchema = z
  .object({
    name: z.string(),
    type: z.string().describe('its media type'),
    bytes: z.int().min(0),
  })
  .meta({ id: 'ResultFile' });
export type ResultFile = z.infer<typeof resultFileSchema>;

/** What came of a job: its files, and numbers where the method gives some. */
export const jobResultSchema = z
  .object({
    stopped: z.enum(['finished', 'cancelled', 'diverged']),
    files: z.array(resultFileSchema),
    numbers: z.record(z.string(), z.unknown()),
  })
  .meta({ id: 'JobResult' });
export type JobResult = z.infer<typeof jobResultSchema>;

export const jobProgressSchema = z
  .object({
    done: z.number().min(0).max(1),
    iteration: z.int().min(0).optional(),
    iterations: z.int().min(0).optional(),
  })
  .meta({ id: 'JobProgress' });
export type JobProgress = z.infer<typeof jobProgressSchema>;

/** How many jobs there are in each state, of those that a job consists of. */
export const childCountsSchema = z
  .object({
    total: z.int().min(0),
    queued: z.int().min(0),
    running: z.int().min(0),
    done: z.int().min(0),
    failed: z.int().min(0),
    cancelled: z.int().min(0),
  })
  .meta({ id: 'ChildCounts' });
export type ChildCounts = z.infer<typeof childCountsSchema>;

/** A job as the service shows it. Times are ISO 8601 in UTC. */
export const jobSchema = z
  .object({
    id: z.string(),
    method: z.string(),
    status: z.enum(jobStatuses),
    created: z.string(),
    started: z.string().nullable(),
    finished: z.string().nullable(),
    expires: z
      .string()
      .nullable()
      .describe('when it is deleted with its files; a part of another job goes with that one'),
    attempts: z.int().min(0).describe('how many times the process that computed it ended before its time'),
    progress: jobProgressSchema.nullable(),
    error: problemSchema.nullable(),
    result: jobResultSchema.nullable(),
    children: childCountsSchema
      .nullable()
      .describe(
        'of a job of several photographs, of a film or of a large picture: the jobs of each or of its parts, which /jobs/ID/children lists',
      ),
    parent: z.string().nullable().describe('the job of several that it is a part of'),
    name: z.string().nullable().describe('of such a part: the name of its photograph, or which part it is'),
  })
  .meta({ id: 'Job' });
export type Job = z.infer<typeof jobSchema>;

export const jobListSchema = z
  .object({ jobs: z.array(jobSchema), next: z.string().nullable().describe('the cursor of the next page') })
  .meta({ id: 'JobList' });
export type JobList = z.infer<typeof jobListSchema>;

/** What a job is told by while it goes on. */
export type JobEvent =
  | { readonly type: 'job'; readonly job: Job }
  | { readonly type: 'progress'; readonly progress: JobProgress }
  /** `image` is a small JPEG in base64; `child` is the part that it is of, of a job of several photographs. */
  | { readonly type: 'preview'; readonly image: string; readonly child?: string }
  /** One of the jobs that a job of several photographs consists of has begun, or ended. */
  | { readonly type: 'child'; readonly job: Job };

/** Whether nothing happens to a job of this status any more. */
export const isEnded = (status: JobStatus): boolean => status !== 'queued' && status !== 'running';
