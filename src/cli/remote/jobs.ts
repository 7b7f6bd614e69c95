import type { PlayOptions } from '../commands/job.ts';
import { EXIT } from '../exit-codes.ts';
import { givenVariables } from '../given-variables.ts';
import { type Io, print } from '../io.ts';
import { numberOf } from './number-of.ts';
import { openRemoteProject } from './open-remote.ts';
import { wordOf } from './pipelines.ts';
import { showJson } from './show-table.ts';

/** What `slipway job play`, `retry` and `cancel` do. */
export async function changeJob(
  io: Io,
  what: 'play' | 'retry' | 'cancel',
  id: string,
  options: PlayOptions,
): Promise<number> {
  const number = numberOf(id);
  const given = Object.entries(await givenVariables(io, options));
  const variables = given.map(([key, { value }]) => ({ key, value }));
  const { client, schemas, at } = await openRemoteProject(io, options);
  const body = variables.length === 0 ? undefined : { job_variables_attributes: variables };
  const job = await client.send('POST', `${at}/jobs/${number}/${what}`, schemas.RestJob, body);
  if (options.json === true) await showJson(io, job);
  else
    await print(
      io.stdout,
      `Job ${job.id} ${job.name}: ${wordOf(job.status, job.allow_failure)}\n${job.web_url}\n`,
    );
  return EXIT.success;
}
