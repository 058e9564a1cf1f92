/*
 * The entry `pastiche/client`: talks to a Pastiche service with nothing but `fetch`, in browsers and in Node.js.
 */
export { StyleError, type StyleErrorCode, type StyleErrorOptions } from './errors.js';
export type {
  ChildCounts,
  Job,
  JobEvent,
  JobList,
  JobProgress,
  JobResult,
  JobStatus,
  Problem,
  ResultFile,
} from './service/job.js';
export {
  ServiceClient,
  type SentPicture,
  type ServiceCall,
  type ServiceClientOptions,
  type ServiceRequest,
} from './service/service-client.js';
