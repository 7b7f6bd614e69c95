export * from './backup/index.ts';
export type { Finding } from './doctor/finding.ts';
export { type DoctorRequest, runDoctor } from './doctor/run-doctor.ts';
export {
  ADMIN_TOKEN_FILE,
  administratorToken,
  noteAddress,
  ownRunnerToken,
  RUNNER_TOKEN_FILE,
} from './first-start.ts';
export * from './git/index.ts';
export { prettyLog } from './observation/pretty-log.ts';
export type { TraceOptions } from './observation/traces/pipeline-traces.ts';
export type * from './runner-api/ports.ts';
export { type RunnerApiOptions, runnerApi } from './runner-api/runner-api.ts';
export { hashToken } from './runner-api/token-hash.ts';
export type { ServerLimits, ServerLog, ServerOptions } from './server-options.ts';
export { type RunningServer, startServer } from './start-server.ts';
