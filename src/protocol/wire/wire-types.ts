/** The types alone: the schemas load a library, which a local run does without. */
export type { WireArtifact, WireCache, WireDependency, WireJob, WireVariable } from './job-schema.ts';
export type {
  ArtifactQuery,
  JobRequest,
  JobUpdate,
  RegisterRequest,
  RunnerInfo,
  RunnerRequest,
} from './requests.ts';
