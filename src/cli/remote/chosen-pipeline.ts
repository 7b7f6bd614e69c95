import { AppError } from '../../base/app-error.ts';
import { runGit } from '../../base/git.ts';
import type { Io } from '../io.ts';
import { numberOf } from './number-of.ts';
import type { RemoteProject } from './open-remote.ts';

/** The id of the pipeline that is meant: the one that was named, or the newest of the branch that is checked out. */
export async function chosenPipeline(
  io: Io,
  id: string | undefined,
  { client, schemas, project, at }: RemoteProject,
): Promise<number> {
  if (id !== undefined) return numberOf(id);
  const head = await runGit(io.folder, ['symbolic-ref', '--quiet', '--short', 'HEAD']);
  const ref = head.ok ? head.stdout.trim() : project.default_branch;
  for await (const pipeline of client.list(`${at}/pipelines`, schemas.RestPipeline, { ref }, 1))
    return pipeline.id;
  throw new AppError('no-pipeline-there', `${project.path_with_namespace} has no pipeline for ${ref}.`, {
    hint: 'Name one by its id; `slipway pipeline list` shows those there are.',
  });
}
