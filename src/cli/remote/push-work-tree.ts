import { randomBytes } from 'node:crypto';
import { AppError } from '../../base/app-error.ts';
import { printable } from '../../base/printable.ts';
import { repositoryRoot } from '../../local/index.ts';
import type { PipelineStatus } from '../../pipeline/index.ts';
import type { RestPipelineDetails } from '../../protocol/index.ts';
import type { PushOptions } from '../commands/push.ts';
import { EXIT } from '../exit-codes.ts';
import { givenVariables } from '../given-variables.ts';
import { listenForInterrupts } from '../interrupts.ts';
import { type Io, print } from '../io.ts';
import { parseInputs } from '../open-pipeline.ts';
import { commitWorkTree, type WorkTreeCommit } from './commit-work-tree.ts';
import { openRemoteProject, type RemoteProject } from './open-remote.ts';
import { pushBranch } from './push-branch.ts';
import { exitOf, showPipeline } from './watch.ts';

/** What `slipway push` does. The exit code is the pipeline's. */
export async function pushWorkTree(io: Io, options: PushOptions, color: boolean): Promise<number> {
  const pushOptions = await optionsOf(io, options);
  const root = await repositoryRoot(io.folder);
  const remote = await openRemoteProject(io, options);
  await using work = await commitWorkTree(root);
  await noteSubmodules(io, work);
  const branch = branchFor(work.branch);
  const interrupts = listenForInterrupts(io);
  const to = {
    ...{ root, branch, token: remote.token },
    // Where the API was reached: what the server calls itself may be for others.
    repository: `${remote.client.address}/${remote.project.path_with_namespace}.git`,
    ...{ environment: work.environment, callerEnvironment: io.environment },
  };
  try {
    const said = await pushBranch({ ...to, sha: work.sha, options: pushOptions, signal: interrupts.cancel });
    const pipeline = await pipelineOf(remote, branch);
    if (pipeline === null) throw noPipeline(said);
    if (pipeline.yaml_errors !== null) {
      await print(io.stderr, `${pipeline.yaml_errors}\n`);
      return EXIT.invalid;
    }
    await print(io.stderr, `Pipeline ${pipeline.id}: ${pipeline.web_url}\n`);
    const status = await watch(io, remote, pipeline.id, options, color, interrupts);
    return interrupts.cancel.aborted ? EXIT.interrupted : exitOf(status);
  } catch (error) {
    if (interrupts.cancel.aborted) return EXIT.interrupted;
    throw error;
  } finally {
    if (options.keepBranch !== true) await removeBranch(io, to);
    interrupts.stop();
  }
}

/** Shows it; the first interrupt cancels the pipeline, which is shown until it has ended, the second leaves. */
async function watch(
  io: Io,
  remote: RemoteProject,
  pipelineId: number,
  options: PushOptions,
  color: boolean,
  { cancel, kill }: { readonly cancel: AbortSignal; readonly kill: AbortSignal },
): Promise<PipelineStatus> {
  const { client, schemas, at } = remote;
  const canceled: Promise<unknown>[] = [];
  const ask = () => {
    const asked = client.send('POST', `${at}/pipelines/${pipelineId}/cancel`, schemas.RestPipelineDetails);
    canceled.push(
      asked.catch((error: unknown) => print(io.stderr, `It could not be canceled: ${String(error)}\n`)),
    );
  };
  if (cancel.aborted) ask();
  else cancel.addEventListener('abort', ask, { once: true });
  try {
    return await showPipeline(io, remote, { pipelineId, fromStart: true }, options, color, kill);
  } finally {
    cancel.removeEventListener('abort', ask);
    await Promise.all(canceled);
  }
}

async function optionsOf(io: Io, options: PushOptions): Promise<readonly string[]> {
  const variables = Object.entries(await givenVariables(io, options));
  const inputs = Object.entries(parseInputs(options.input));
  const lines = [
    ...variables.map(([key, { value }]) => `ci.variable=${key}=${value}`),
    ...inputs.map(
      ([key, value]) => `ci.input=${key}=${typeof value === 'string' ? value : JSON.stringify(value)}`,
    ),
  ];
  const broken = lines.find((line) => /[\n\0]/.test(line));
  if (broken === undefined) return lines;
  throw new AppError('bad-option', 'A variable that is given with a push is one line.', {
    hint: 'Longer ones go into the project: slipway variable set.',
  });
}

/** No person's branch has such a name, and whatever theirs is called, this is one that git and shells bear. */
function branchFor(branch: string | null): string {
  const plain = (branch ?? 'detached').replace(/[^A-Za-z0-9_-]+/g, '-').slice(0, 60);
  return `slipway-push/${plain}-${randomBytes(5).toString('hex')}`;
}

/** The server has made it before the push was answered. null: none was wanted. */
async function pipelineOf(
  { client, schemas, at }: RemoteProject,
  ref: string,
): Promise<RestPipelineDetails | null> {
  for await (const { id } of client.list(`${at}/pipelines`, schemas.RestPipeline, { ref }, 1)) {
    return client.get(`${at}/pipelines/${id}`, schemas.RestPipelineDetails);
  }
  return null;
}

function noPipeline(said: string): AppError {
  const lines = said.split('\n').map((line) => printable(line.replace(/^remote:\s*/, '')).trim());
  const why = lines.filter((line) => line !== '').join(' ');
  return new AppError('no-pipeline', why === '' ? 'The server has made no pipeline of it.' : why, {
    hint: 'The pipeline runs as for a push of a branch: do its rules take one of another name?',
  });
}

async function noteSubmodules(io: Io, { submodules }: WorkTreeCommit): Promise<void> {
  if (submodules.length === 0) return;
  const names = submodules.slice(0, 5).map(printable).join(', ');
  await print(
    io.stderr,
    `note: submodules go along as their checked-out commits, without changes in them: ${names}\n`,
  );
}

async function removeBranch(
  io: Io,
  to: Omit<Parameters<typeof pushBranch>[0], 'sha' | 'options'>,
): Promise<void> {
  try {
    await pushBranch({ ...to, sha: null, options: ['ci.skip'] });
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    // A push that was refused has made none.
    if (!why.includes('remote ref does not exist')) {
      await print(io.stderr, `warning: the branch ${to.branch} is left on the server: ${printable(why)}\n`);
    }
  }
}
