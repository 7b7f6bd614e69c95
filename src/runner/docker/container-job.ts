import type { MountSettings } from 'dockerode';
import type { JobSpec } from '../../protocol/index.ts';
import type { JobLog } from '../log/job-log.ts';
import type { DockerExecutorOptions } from './docker-executor.ts';
import type { Engine } from './engine.ts';
import type { EngineSocket } from './engine-socket.ts';
import type { ExpandedVariables } from './job-variables.ts';
import type { OwnedResources } from './owned-resources.ts';

/** Everything that the parts of one job's preparation share. */
export interface ContainerJob {
  readonly engine: Engine;
  readonly options: DockerExecutorOptions;
  readonly job: JobSpec;
  /** What the names of its containers, network and volume begin with. */
  readonly name: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly projectDir: string;
  readonly variables: ExpandedVariables;
  readonly mounts: readonly MountSettings[];
  /** For the job's own container; null: it gets none. */
  readonly engineSocket: EngineSocket | null;
  readonly resources: OwnedResources;
  readonly log: JobLog;
  readonly signal: AbortSignal;
}
