export { findServer, type ServerPlace, type ServerWishes } from './find-server.ts';
export { followJobLog } from './job-log.ts';
export { createServerClient, type ServerClient, type StreamedAnswer } from './server-client.ts';
export { type WatchOptions, watchPipeline } from './watch-pipeline.ts';
