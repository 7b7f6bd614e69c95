import type { CreateOptions } from '../commands/runner.ts';
import { EXIT } from '../exit-codes.ts';
import { type Io, print } from '../io.ts';
import { openRemote } from '../remote/open-remote.ts';
import { showJson } from '../remote/show-table.ts';

/** What `slipway runner create` does: the new runner's token alone on standard output, for a file or another program. */
export async function createRunner(io: Io, options: CreateOptions): Promise<number> {
  const { client, schemas } = await openRemote(io, options);
  const { project } = options;
  const of =
    project === undefined
      ? { runner_type: 'instance_type' }
      : { runner_type: 'project_type', project_id: await idOf(project) };

  async function idOf(path: string): Promise<number> {
    return (await client.get(`/projects/${encodeURIComponent(path)}`, schemas.RestProject)).id;
  }

  const runner = await client.send('POST', '/user/runners', schemas.RestNewRunner, {
    ...of,
    tag_list: options.tag,
    ...(options.description === undefined ? {} : { description: options.description }),
    ...(options.runUntagged === undefined ? {} : { run_untagged: options.runUntagged }),
    ...(options.protected === true ? { access_level: 'ref_protected' } : {}),
  });
  if (options.json === true) await showJson(io, runner);
  else await print(io.stdout, `${runner.token}\n`);
  return EXIT.success;
}
