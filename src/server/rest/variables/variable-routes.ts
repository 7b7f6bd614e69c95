import type { FastifyRequest } from 'fastify';
import type { CreateVariable, RestVariable, UpdateVariable, VariableQuery } from '../../../protocol/index.ts';
import {
  type Db,
  listVariables,
  removeVariable,
  type StoredVariable,
  setVariable,
} from '../../../store/index.ts';
import { Refusal } from '../../runner-api/refusal.ts';
import { slicePage } from '../paging/slice-page.ts';
import type { RestScope } from '../rest-scope.ts';
import { maskProblem } from './mask-problem.ts';

/** The variables of a project, and those of the whole instance. */
export function variableRoutes(scope: RestScope): void {
  const { schemas, access } = scope;
  const project = async (request: FastifyRequest, { id }: { readonly id: string }) =>
    (await access.project(request, id, { writes: true })).id;
  const instance = (request: FastifyRequest) => {
    access.administrator(request, { writes: true });
    return Promise.resolve(null);
  };
  routesAt(scope, '/projects/:id/variables', schemas.ProjectParams, schemas.VariableParams, project);
  routesAt(scope, '/admin/ci/variables', schemas.NoParams, schemas.InstanceVariableParams, instance);
}

type Owner<P> = (request: FastifyRequest, params: P) => Promise<number | null>;

function routesAt(
  scope: RestScope,
  path: string,
  listParams: RestScope['schemas']['ProjectParams'] | RestScope['schemas']['NoParams'],
  oneParams: RestScope['schemas']['VariableParams'] | RestScope['schemas']['InstanceVariableParams'],
  owner: Owner<{ readonly id: string }>,
): void {
  const { api, parts, schemas } = scope;
  const { store } = parts;
  const { RestVariable, RestFailure } = schemas;
  const idOf = (params: object) => ({ id: 'id' in params ? String(params.id) : '' });

  api.get(
    path,
    {
      schema: {
        summary: 'List variables',
        params: listParams,
        querystring: schemas.ListVariables,
        response: { 200: schemas.listOf(RestVariable), '4xx': RestFailure },
      },
    },
    async (request, reply) => {
      const of = await owner(request, idOf(request.params));
      const all = await store.read((db) => listVariables(db, of));
      return slicePage({ request, reply, url: parts.server.url }, request.query, all).map(variableView);
    },
  );

  api.post(
    path,
    {
      schema: {
        summary: 'Add a variable',
        params: listParams,
        body: schemas.CreateVariable,
        response: { 201: RestVariable, '4xx': RestFailure },
      },
    },
    async (request, reply) => {
      const of = await owner(request, idOf(request.params));
      const variable = variableOf(request.body);
      const problem = maskProblem(variable);
      if (problem !== null) return reply.code(400).send({ message: { value: [problem] } });
      const isNew = await store.write(async ({ db }) => {
        const { key, environmentScope } = variable;
        if ((await findVariable(db, of, key, environmentScope)) !== null) return false;
        await setVariable(db, of, variable);
        return true;
      });
      if (!isNew) {
        return reply.code(400).send({ message: { key: [`(${variable.key}) has already been taken`] } });
      }
      return reply.code(201).send(variableView(variable));
    },
  );

  api.get(
    `${path}/:key`,
    {
      schema: {
        summary: 'One variable',
        params: oneParams,
        querystring: schemas.VariableQuery,
        response: { 200: RestVariable, '4xx': RestFailure },
      },
    },
    async (request) => {
      const of = await owner(request, idOf(request.params));
      const scopeName = scopeIn(request.query);
      return variableView(await store.read((db) => theOne(db, of, request.params.key, scopeName)));
    },
  );

  api.put(
    `${path}/:key`,
    {
      schema: {
        summary: 'Change a variable',
        params: oneParams,
        querystring: schemas.VariableQuery,
        body: schemas.UpdateVariable,
        response: { 200: RestVariable, '4xx': RestFailure },
      },
    },
    async (request, reply) => {
      const { body } = request;
      const of = await owner(request, idOf(request.params));
      const scopeName = body.filter?.environment_scope ?? scopeIn(request.query);
      const after = await store.write(async ({ db }) => {
        const before = await theOne(db, of, request.params.key, scopeName);
        const changed = changedBy(before, body);
        const problem = maskProblem(changed);
        if (problem !== null) return problem;
        await removeVariable(db, of, before.key, before.environmentScope);
        await setVariable(db, of, changed);
        return changed;
      });
      if (typeof after === 'string') return reply.code(400).send({ message: { value: [after] } });
      return variableView(after);
    },
  );

  api.delete(
    `${path}/:key`,
    {
      schema: {
        summary: 'Remove a variable',
        params: oneParams,
        querystring: schemas.VariableQuery,
        response: { 204: schemas.Nothing, '4xx': RestFailure },
      },
    },
    async (request, reply) => {
      const of = await owner(request, idOf(request.params));
      await store.write(async ({ db }) => {
        const { key, environmentScope } = await theOne(db, of, request.params.key, scopeIn(request.query));
        await removeVariable(db, of, key, environmentScope);
      });
      return reply.code(204).send(null);
    },
  );
}

function scopeIn(query: VariableQuery): string | null {
  return query['filter[environment_scope]'] ?? null;
}

async function findVariable(db: Db, of: number | null, key: string, scopeName: string) {
  const all = await listVariables(db, of);
  return all.find((one) => one.key === key && one.environmentScope === scopeName) ?? null;
}

/** Of several with one key the scope must say which. */
async function theOne(
  db: Db,
  of: number | null,
  key: string,
  scopeName: string | null,
): Promise<StoredVariable> {
  const found = (await listVariables(db, of)).filter(
    (one) => one.key === key && (scopeName === null || one.environmentScope === scopeName),
  );
  const [first, second] = found;
  if (first === undefined) throw new Refusal(404, '404 Variable Not Found');
  if (second !== undefined) {
    throw new Refusal(
      409,
      "There are multiple variables with provided parameters. Please use 'filter[environment_scope]'",
    );
  }
  return first;
}

function variableOf(body: CreateVariable): StoredVariable {
  const isHidden = body.masked_and_hidden ?? false;
  return {
    key: body.key,
    value: body.value,
    environmentScope: body.environment_scope ?? '*',
    kind: body.variable_type ?? 'env_var',
    protected: body.protected ?? false,
    masked: isHidden || (body.masked ?? false),
    hidden: isHidden,
    raw: body.raw ?? false,
    description: body.description ?? null,
  };
}

function changedBy(before: StoredVariable, body: UpdateVariable): StoredVariable {
  return {
    ...before,
    value: body.value,
    environmentScope: body.environment_scope ?? before.environmentScope,
    kind: body.variable_type ?? before.kind,
    protected: body.protected ?? before.protected,
    masked: before.hidden || (body.masked ?? before.masked),
    raw: body.raw ?? before.raw,
    description: body.description ?? before.description,
  };
}

function variableView(variable: StoredVariable): RestVariable {
  return {
    key: variable.key,
    value: variable.hidden ? null : variable.value,
    variable_type: variable.kind,
    protected: variable.protected,
    masked: variable.masked,
    hidden: variable.hidden,
    raw: variable.raw,
    environment_scope: variable.environmentScope,
    description: variable.description,
  };
}
