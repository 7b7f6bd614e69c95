import { JOB_STATUSES } from '../../pipeline/index.ts';
import type { RestBridge, RestJob } from '../../protocol/index.ts';
import { chooseColours } from '../colours.ts';
import type { ListPipelinesOptions } from '../commands/pipeline.ts';
import { EXIT } from '../exit-codes.ts';
import { type Io, print } from '../io.ts';
import { durationText } from '../looks/duration-text.ts';
import { statusWord } from '../looks/status-look.ts';
import { chosenPipeline } from './chosen-pipeline.ts';
import { numberOf } from './number-of.ts';
import { openRemoteProject } from './open-remote.ts';
import type { RemoteProjectOptions } from './remote-options.ts';
import { showJson, showTable } from './show-table.ts';

/** What `slipway pipeline list` does. */
export async function listPipelines(io: Io, options: ListPipelinesOptions): Promise<number> {
  const { client, schemas, at } = await openRemoteProject(io, options);
  const query = { ref: options.ref, status: options.status };
  const pipelines = [];
  for await (const one of client.list(`${at}/pipelines`, schemas.RestPipeline, query, options.limit)) {
    pipelines.push(one);
  }
  if (options.json === true) await showJson(io, pipelines);
  else {
    const rows = pipelines.map((one) => [
      String(one.id),
      wordOf(one.status, false),
      one.ref,
      one.sha.slice(0, 8),
      one.source,
      one.created_at.slice(0, 19).replace('T', ' '),
    ]);
    await showTable(
      io,
      ['ID', 'STATUS', 'REF', 'COMMIT', 'SOURCE', 'CREATED'],
      rows,
      'There are no pipelines.',
    );
  }
  return EXIT.success;
}

/** What `slipway pipeline view` does. */
export async function viewPipeline(
  io: Io,
  id: string | undefined,
  options: RemoteProjectOptions,
  color: boolean,
): Promise<number> {
  const remote = await openRemoteProject(io, options);
  const { client, schemas, at } = remote;
  const path = `${at}/pipelines/${await chosenPipeline(io, id, remote)}`;
  const pipeline = await client.get(path, schemas.RestPipelineDetails);
  const jobs: (RestJob | RestBridge)[] = [];
  for await (const job of client.list(`${path}/jobs`, schemas.RestJob, { sort: 'asc' })) jobs.push(job);
  for await (const job of client.list(`${path}/bridges`, schemas.RestBridge, { sort: 'asc' })) jobs.push(job);
  jobs.sort((one, other) => one.id - other.id);
  if (options.json === true) {
    await showJson(io, { ...pipeline, jobs });
    return EXIT.success;
  }
  const colours = chooseColours(io, io.stdout, color);
  const time = pipeline.duration === null ? '' : ` in ${durationText(pipeline.duration)}`;
  const title = `Pipeline ${pipeline.id} for ${pipeline.ref} at ${pipeline.sha.slice(0, 8)}: `;
  await print(
    io.stdout,
    `${colours.bold(title + wordOf(pipeline.status, false))}${time}\n${pipeline.web_url}\n\n`,
  );
  if (pipeline.yaml_errors !== null) await print(io.stdout, `${pipeline.yaml_errors}\n`);
  const rows = jobs.map((job) => [
    String(job.id),
    job.stage,
    job.name,
    wordOf(job.status, job.allow_failure),
    job.duration === null ? '' : durationText(job.duration),
    job.failure_reason ?? '',
  ]);
  await showTable(io, ['ID', 'STAGE', 'JOB', 'STATUS', 'TIME', ''], rows, 'It has no jobs.');
  return EXIT.success;
}

/** What `slipway pipeline retry`, `cancel` and `delete` do. */
export async function changePipeline(
  io: Io,
  what: 'retry' | 'cancel' | 'delete',
  id: string,
  options: RemoteProjectOptions,
): Promise<number> {
  const number = numberOf(id);
  const { client, schemas, at } = await openRemoteProject(io, options);
  const path = `${at}/pipelines/${number}`;
  if (what === 'delete') {
    await client.send('DELETE', path, schemas.Nothing);
    if (options.json === true) await showJson(io, { deleted: number });
    else await print(io.stdout, `Pipeline ${number} is deleted.\n`);
    return EXIT.success;
  }
  const pipeline = await client.send('POST', `${path}/${what}`, schemas.RestPipelineDetails);
  if (options.json === true) await showJson(io, pipeline);
  else await print(io.stdout, `Pipeline ${number}: ${wordOf(pipeline.status, false)}\n${pipeline.web_url}\n`);
  return EXIT.success;
}

/** A status in the words of the local run; one that this program does not know as it is. */
export function wordOf(word: string, allowed: boolean): string {
  const status = JOB_STATUSES.find((known) => known === word);
  return status === undefined ? word : statusWord(status, allowed);
}
