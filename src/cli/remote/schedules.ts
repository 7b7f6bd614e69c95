import type { RestSchedule } from '../../protocol/index.ts';
import type { CreateScheduleOptions } from '../commands/schedule.ts';
import { EXIT } from '../exit-codes.ts';
import { givenVariables } from '../given-variables.ts';
import { type Io, print } from '../io.ts';
import { parseInputs } from '../open-pipeline.ts';
import { numberOf } from './number-of.ts';
import { openRemoteProject } from './open-remote.ts';
import type { RemoteProjectOptions } from './remote-options.ts';
import { showJson, showTable } from './show-table.ts';

/**
 * What `slipway schedule create` does. With variables it is made paused, and begins when it has all of them: it must
 * start nothing that lacks one.
 */
export async function createSchedule(
  io: Io,
  description: string,
  options: CreateScheduleOptions,
): Promise<number> {
  const variables = Object.entries(await givenVariables(io, options));
  const inputs = Object.entries(parseInputs(options.input)).map(([name, value]) => ({ name, value }));
  const { client, schemas, at, project } = await openRemoteProject(io, options);
  const isPaused = options.paused === true;
  let schedule = await client.send('POST', `${at}/pipeline_schedules`, schemas.RestScheduleDetails, {
    description,
    cron: options.cron,
    ref: options.ref ?? project.default_branch,
    active: !isPaused && variables.length === 0,
    ...(options.timezone === undefined ? {} : { cron_timezone: options.timezone }),
    ...(inputs.length === 0 ? {} : { inputs }),
  });
  const path = `${at}/pipeline_schedules/${schedule.id}`;
  for (const [key, { value, file }] of variables) {
    const variable = { key, value, variable_type: file ? 'file' : 'env_var' };
    await client.send('POST', `${path}/variables`, schemas.RestScheduleVariable, variable);
  }
  if (!isPaused && variables.length > 0) {
    schedule = await client.send('PUT', path, schemas.RestScheduleDetails, { active: true });
  }
  if (options.json === true) await showJson(io, schedule);
  else await print(io.stdout, `Schedule ${schedule.id}: ${nextOf(schedule)}\n`);
  return EXIT.success;
}

/** What `slipway schedule list` does. */
export async function listSchedules(io: Io, options: RemoteProjectOptions): Promise<number> {
  const { client, schemas, at } = await openRemoteProject(io, options);
  const schedules = await client.get(`${at}/pipeline_schedules`, schemas.listOf(schemas.RestSchedule));
  if (options.json === true) await showJson(io, schedules);
  else {
    const rows = schedules.map((one) => [
      String(one.id),
      one.description,
      one.cron,
      one.cron_timezone,
      one.ref.replace(/^refs\/heads\//, ''),
      nextOf(one),
      one.problem ?? '',
    ]);
    await showTable(
      io,
      ['ID', 'DESCRIPTION', 'CRON', 'ZONE', 'REF', 'NEXT', ''],
      rows,
      'There are no schedules.',
    );
  }
  return EXIT.success;
}

/** What `slipway schedule run`, `pause`, `resume` and `delete` do. */
export async function changeSchedule(
  io: Io,
  what: 'run' | 'pause' | 'resume' | 'delete',
  id: string,
  options: RemoteProjectOptions,
): Promise<number> {
  const number = numberOf(id);
  const { client, schemas, at } = await openRemoteProject(io, options);
  const path = `${at}/pipeline_schedules/${number}`;
  if (what === 'pause' || what === 'resume') {
    const schedule = await client.send('PUT', path, schemas.RestScheduleDetails, {
      active: what === 'resume',
    });
    if (options.json === true) await showJson(io, schedule);
    else await print(io.stdout, `Schedule ${number}: ${nextOf(schedule)}\n`);
    return EXIT.success;
  }
  if (what === 'run') await client.send('POST', `${path}/play`, schemas.RestAccepted);
  else await client.send('DELETE', path, schemas.Nothing);
  if (options.json === true) await showJson(io, { [what === 'run' ? 'started' : 'deleted']: number });
  else await print(io.stdout, `Schedule ${number} is ${what === 'run' ? 'started' : 'deleted'}.\n`);
  return EXIT.success;
}

function nextOf({ active, next_run_at: next }: Pick<RestSchedule, 'active' | 'next_run_at'>): string {
  if (!active) return 'paused';
  return next === null ? 'never' : `${next.slice(0, 16).replace('T', ' ')} UTC`;
}
