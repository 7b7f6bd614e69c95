import { Command } from 'commander';
import type { Io } from '../io.ts';
import { addRemoteOptions, type RemoteOptions } from '../remote/remote-options.ts';

export interface CreateProjectOptions extends RemoteOptions {
  readonly defaultBranch?: string;
  readonly public?: boolean;
}

export interface DeleteProjectOptions extends RemoteOptions {
  readonly yes?: boolean;
}

/** `slipway project`: the projects of a server. */
export function projectCommand(io: Io, ended: (exitCode: number) => void): Command {
  const project = new Command('project')
    .description('create, list and delete the projects of a server')
    .addHelpText(
      'after',
      `
Examples:
  slipway project create team/app
  git push "$(slipway project create team/site --json | jq -r .http_url_to_repo)" main
  slipway project list
  slipway project delete team/app --yes`,
    );
  project.addCommand(
    addRemoteOptions(new Command('create').description('create a project with an empty repository'))
      .argument('<PATH>', 'group/name')
      .option('--default-branch <NAME>', 'the branch that counts as the main one (default: main)')
      .option('--public', 'everybody may read it')
      .action(async (path: string, options: CreateProjectOptions) => {
        const { createProject } = await import('../remote/projects.ts');
        ended(await createProject(io, path, options));
      }),
  );
  project.addCommand(
    addRemoteOptions(new Command('list').description('list the projects that the token may see')).action(
      async (options: RemoteOptions) => {
        const { listProjects } = await import('../remote/projects.ts');
        ended(await listProjects(io, options));
      },
    ),
  );
  project.addCommand(
    addRemoteOptions(
      new Command('delete').description('delete a project with its repository, pipelines and artifacts'),
    )
      .argument('<PATH>', 'group/name')
      .option('--yes', 'yes, really: it cannot be had back')
      .action(async (path: string, options: DeleteProjectOptions) => {
        const { deleteProject } = await import('../remote/projects.ts');
        ended(await deleteProject(io, path, options));
      }),
  );
  return project;
}
