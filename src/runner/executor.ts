import type { Readable, Writable } from 'node:stream';
import type { ImageCommand } from '../pipeline/index.ts';
import type { JobSpec } from '../protocol/index.ts';
import type { JobLog } from './log/job-log.ts';
import type { WorkspaceLayer, WorkspaceReference } from './ports.ts';

/**
 * Where a job's scripts run: on this machine (`shell`) or in containers (`docker`). Every implementation passes the
 * suite in executor.contract.ts.
 *
 * Order of calls: `prepare` once; then `run` and `interact` any number of times, never two at once; then dispose once, whatever
 * happened before, even when `prepare` was aborted half way. Several jobs may be prepared at once; nothing of one is
 * visible to another. Disposing is idempotent, ends every process the job started, and removes containers, networks
 * and folders; it never throws for what is already gone. An executor that can be disposed of keeps things between jobs:
 * disposing removes them, after the last job.
 */
export interface Executor extends Partial<AsyncDisposable> {
  readonly name: 'shell' | 'docker';
  /**
   * Whether `prepare` can show `PrepareRequest.layer` copy-on-write, so that nobody has to copy the repository for
   * each job. Absent or false: `workspace` must be a folder of its own with everything in it.
   */
  layersWorkspaces?(): Promise<boolean>;
  /**
   * Makes the job's environment out of its workspace: namespaces, or image, services and network.
   * @throws AppError when the environment cannot be made (no engine, no such image); its code names the failure reason.
   */
  prepare(request: PrepareRequest): Promise<JobEnvironment>;
  /**
   * Gives everything below a folder of this machine to this process's user. For a workspace or scratch folder in which
   * a job has written as another user, once reading or removing it has failed with EACCES; also after the job's
   * environment is disposed of. Absent where jobs cannot write as another user.
   */
  reclaim?(folder: string): Promise<void>;
}

export interface PrepareRequest {
  readonly job: JobSpec;
  /** The private working copy, as a folder of this machine; empty when `layer` is given. */
  readonly workspace: string;
  /** Given only to an executor that said it layers workspaces: what to show, copy-on-write, instead of `workspace`. */
  readonly layer?: WorkspaceLayer;
  /** What the files in `workspace` name and is not in it; a layer brings its own. */
  readonly references?: readonly WorkspaceReference[];
  /**
   * A private folder of this machine for the job's temporary files (scripts, file variables); not part of the workspace.
   * When a `layer` is given it need not be there: the environment then has one of its own.
   */
  readonly scratch: string;
  /** Folders of this machine that jobs of the pipeline share, and where this one sees them; absent: none. */
  readonly volumes?: readonly MountedVolume[];
  readonly log: JobLog;
  readonly signal: AbortSignal;
}

export interface MountedVolume {
  readonly folder: string;
  /** Absolute, in the job's world. */
  readonly path: string;
}

export interface JobEnvironment extends AsyncDisposable {
  /** The workspace's path as the job's scripts see it: CI_PROJECT_DIR. */
  readonly projectDir: string;
  /** The scratch folder's path as the job's scripts see it. */
  readonly scratchDir: string;
  /** The scratch folder as this process writes to it, when it is not the one given to `prepare`. */
  readonly scratch?: string;
  /**
   * The workspace as this process reads and writes it, from prepare until dispose. It may differ from the one given:
   * a sandboxed shell job's is a path below /proc that leads into the job's own mounts. Two rules follow. Resolve no
   * symbolic links on the way (`realpath` answers with a path of the job's world, which is another file in ours), and
   * start no program with it as its working directory (`getcwd` has no answer there). And it is the job's to shape:
   * `lstat` everything, follow nothing, and never run git in it, because its .git/config may name any program.
   */
  readonly workspace: string;
  /** Variables that only the environment knows (CI_SERVER_TLS…, DOCKER_HOST of a linked service, …). */
  readonly variables: Readonly<Record<string, string>>;
  run(script: ScriptRun): Promise<ScriptResult>;
  /**
   * Runs the job's `command` without a shell. Absent where there is no image that a program could come from: there a
   * program that is named is run by a script.
   * @throws AppError `container-start-failed` when it cannot be started.
   */
  runCommand?(run: CommandRun): Promise<ScriptResult>;
  /**
   * Runs a script with a person at its other end: it reads and writes their terminal (or whatever stands in its place)
   * itself, and no log sees what it says. It finds what `run` would find: the same files, users, namespaces, services,
   * the same image and its entrypoint. Keys such as Ctrl-C are the script's. Answers with its exit code, 128 + N when
   * signal N ended it; nothing it started is left running, and the terminal is as it was.
   * @throws AppError when the script cannot be started, or its environment went away.
   */
  interact(interaction: Interaction): Promise<number>;
}

export interface Interaction {
  /** As in ScriptRun. */
  readonly script: string;
  readonly terminal: Terminal;
  /** Aborting ends the script as in ScriptRun. */
  readonly signal: AbortSignal;
  readonly graceSeconds: number;
}

/**
 * The three standard streams of this process, or others like them. A process of this machine is given the descriptors,
 * so that it has the terminal itself; nobody may have begun to read `input`.
 */
export interface Terminal {
  readonly input: Readable & {
    readonly fd: number;
    readonly isTTY?: boolean;
    setRawMode?(raw: boolean): unknown;
  };
  readonly output: Writable & {
    readonly fd: number;
    readonly isTTY?: boolean;
    readonly columns?: number;
    readonly rows?: number;
  };
  readonly error: Writable & { readonly fd: number };
}

export interface ScriptRun {
  /** A shell script: the variables are exported by its first lines, `set -eo pipefail` included. */
  readonly script: string;
  readonly log: JobLog;
  /** Aborting stops the script: its processes get SIGTERM, and SIGKILL after `graceSeconds`. */
  readonly signal: AbortSignal;
  readonly graceSeconds: number;
}

export interface CommandRun extends Omit<ScriptRun, 'script'> {
  readonly command: ImageCommand;
  /** Added to the image's own. */
  readonly variables: ReadonlyMap<string, string>;
  /** Absolute, in the job's world; made when it is missing. */
  readonly folder: string;
}

export type ScriptResult =
  | { readonly kind: 'exited'; readonly exitCode: number }
  | { readonly kind: 'aborted' }
  /** The environment went away under the script: the engine stopped, the container was removed, out of memory. */
  | { readonly kind: 'lost'; readonly reason: string };
