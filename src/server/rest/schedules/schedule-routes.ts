import type { CreateSchedule, UpdateSchedule } from '../../../protocol/index.ts';
import {
  countSchedules,
  createSchedule,
  listSchedules,
  type Project,
  removeSchedule,
  type Schedule,
  updateSchedule,
} from '../../../store/index.ts';
import { findRef } from '../../pipelines/find-ref.ts';
import { Refusal } from '../../runner-api/refusal.ts';
import { readCron } from '../../schedules/cron.ts';
import { orderScheduled } from '../../schedules/schedule-orders.ts';
import type { ServerParts } from '../../server-parts.ts';
import type { RestScope } from '../rest-scope.ts';
import { wrongFields } from '../wrong-fields.ts';
import { scheduleIn } from './schedule-in.ts';
import { scheduleVariableRoutes } from './schedule-variable-routes.ts';
import { scheduleDetails, scheduleView } from './schedule-view.ts';

/** Schedules of a project: made, changed, played, removed. */
export function scheduleRoutes(scope: RestScope): void {
  const { api, parts, schemas, access } = scope;
  const { RestSchedule, RestScheduleDetails, RestFailure, ScheduleParams, ProjectParams } = schemas;
  const { store, clock, outbox, administrator } = parts;
  const path = '/projects/:id/pipeline_schedules';
  const one = `${path}/:pipeline_schedule_id`;

  api.get(
    path,
    {
      schema: {
        summary: 'List schedules',
        params: ProjectParams,
        querystring: schemas.ListSchedules,
        response: { 200: schemas.listOf(RestSchedule), '4xx': RestFailure },
      },
    },
    async (request) => {
      const project = await access.project(request, request.params.id);
      const { scope: wanted } = request.query;
      const filter = wanted === undefined ? {} : { active: wanted === 'active' };
      const schedules = await store.read((db) => listSchedules(db, project.id, filter));
      return schedules.map((schedule) => scheduleView(schedule, parts));
    },
  );

  api.post(
    path,
    {
      schema: {
        summary: 'Make a schedule',
        params: ProjectParams,
        body: schemas.CreateSchedule,
        response: { 201: RestScheduleDetails, '4xx': RestFailure },
      },
    },
    async (request, reply) => {
      const project = await access.project(request, request.params.id, { writes: true });
      const { body } = request;
      const times = await checkedTimes(parts, body.cron, body.cron_timezone ?? 'UTC', body.active ?? true);
      const ref = await fullRef(parts, project, body.ref);
      const schedule = await store.write(async ({ db }) => {
        if ((await countSchedules(db, project.id)) >= MOST_SCHEDULES) {
          throw wrongFields({ base: [`A project has at most ${MOST_SCHEDULES} schedules`] });
        }
        return createSchedule(db, {
          ...{ projectId: project.id, description: body.description, ref, ...times },
          ...{ variables: [], inputs: inputsOf({}, body), owner: administrator.login, now: clock.now() },
        });
      });
      return reply.code(201).send(await scheduleDetails(schedule, parts, true));
    },
  );

  api.get(
    one,
    {
      schema: {
        summary: 'One schedule',
        params: ScheduleParams,
        response: { 200: RestScheduleDetails, '4xx': RestFailure },
      },
    },
    async (request) => {
      const project = await access.project(request, request.params.id);
      const schedule = await scheduleIn(parts, project, request.params.pipeline_schedule_id);
      const who = access.caller(request);
      return scheduleDetails(schedule, parts, 'mayWrite' in who && who.mayWrite);
    },
  );

  api.put(
    one,
    {
      schema: {
        summary: 'Change a schedule',
        params: ScheduleParams,
        body: schemas.UpdateSchedule,
        response: { 200: RestScheduleDetails, '4xx': RestFailure },
      },
    },
    async (request) => {
      const project = await access.project(request, request.params.id, { writes: true });
      const before = await scheduleIn(parts, project, request.params.pipeline_schedule_id);
      const { body } = request;
      const times = await checkedTimes(
        parts,
        body.cron ?? before.cron,
        body.cron_timezone ?? before.timeZone,
        body.active ?? before.active,
      );
      const ref = body.ref === undefined ? before.ref : await fullRef(parts, project, body.ref);
      const { description = before.description } = body;
      const inputs = inputsOf(before.inputs, body);
      const changes = { ...times, ref, description, inputs, problem: null };
      const changed = await store.write(({ db }) => updateSchedule(db, before.id, changes, clock.now()));
      return scheduleDetails(present(changed), parts, true);
    },
  );

  api.delete(
    one,
    {
      schema: {
        summary: 'Remove a schedule',
        params: ScheduleParams,
        response: { 204: schemas.Nothing, '4xx': RestFailure },
      },
    },
    async (request, reply) => {
      const project = await access.project(request, request.params.id, { writes: true });
      const { id } = await scheduleIn(parts, project, request.params.pipeline_schedule_id);
      await store.write(({ db }) => removeSchedule(db, id));
      return reply.code(204).send(null);
    },
  );

  api.post(
    `${one}/play`,
    {
      schema: {
        summary: 'Start the pipeline of a schedule now',
        params: ScheduleParams,
        response: { 201: schemas.RestAccepted, '4xx': RestFailure },
      },
    },
    async (request, reply) => {
      const project = await access.project(request, request.params.id, { writes: true });
      const { id } = await scheduleIn(parts, project, request.params.pipeline_schedule_id);
      await store.write((tx) => orderScheduled(outbox, tx, { scheduleId: id, played: true }));
      return reply.code(201).send({ message: '201 Created' });
    },
  );

  api.post(
    `${one}/take_ownership`,
    {
      schema: {
        summary: 'Become the owner of a schedule',
        params: ScheduleParams,
        response: { 201: RestScheduleDetails, '4xx': RestFailure },
      },
    },
    async (request, reply) => {
      const project = await access.project(request, request.params.id, { writes: true });
      const { id } = await scheduleIn(parts, project, request.params.pipeline_schedule_id);
      const owner = administrator.login;
      const changed = await store.write(({ db }) => updateSchedule(db, id, { owner }, clock.now()));
      return reply.code(201).send(await scheduleDetails(present(changed), parts, true));
    },
  );

  scheduleVariableRoutes(scope);
}

const MOST_SCHEDULES = 100;

function present(schedule: Schedule | null): Schedule {
  if (schedule === null) throw new Refusal(404, '404 Pipeline Schedule Not Found');
  return schedule;
}

async function checkedTimes({ clock }: ServerParts, cron: string, timeZone: string, active: boolean) {
  const read = await readCron(cron, timeZone);
  if (!read.ok) throw wrongFields({ [read.about]: [read.message] });
  return { cron, timeZone, active, nextRunAt: active ? read.recurrence.next(clock.now()) : null };
}

async function fullRef(parts: ServerParts, project: Project, name: string): Promise<string> {
  const found = await findRef(parts, project.id, name);
  if (found === null) throw wrongFields({ ref: ['does not exist'] });
  return `refs/${found.ref.kind === 'tag' ? 'tags' : 'heads'}/${found.ref.name}`;
}

function inputsOf(
  before: Schedule['inputs'],
  { inputs = [] }: CreateSchedule | UpdateSchedule,
): Schedule['inputs'] {
  const after = new Map(Object.entries(before));
  for (const input of inputs) {
    if ('destroy' in input && input.destroy === true) after.delete(input.name);
    else after.set(input.name, input.value);
  }
  return Object.fromEntries(after);
}
