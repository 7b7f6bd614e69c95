import { AppError } from '../../base/app-error.ts';
import type { ScopedOptions, SetVariableOptions, VariableOptions } from '../commands/variable.ts';
import { EXIT } from '../exit-codes.ts';
import { type Io, print } from '../io.ts';
import { readHiddenValue } from '../read-hidden-value.ts';
import { openRemote, openRemoteProject, type Remote } from './open-remote.ts';
import { showJson, showTable } from './show-table.ts';

/** What `slipway variable set` does. */
export async function setVariable(io: Io, key: string, options: SetVariableOptions): Promise<number> {
  const value = await readHiddenValue(io, `Value of ${key}`);
  const { client, schemas, at } = await variablesOf(io, options);
  const scope = options.scope ?? '*';
  const settings = {
    value,
    protected: options.protected ?? false,
    raw: options.raw ?? false,
    variable_type: options.file === true ? 'file' : 'env_var',
    ...(options.description === undefined ? {} : { description: options.description }),
  };
  const isThere = await hasVariable({ client, schemas, at }, key, scope);
  if (isThere && options.hidden === true) {
    throw new AppError(
      'bad-option',
      `${key} is there: a variable is hidden from its beginning or not at all.`,
      {
        hint: 'Remove it, and set it again with --hidden.',
      },
    );
  }
  const masking = options.hidden === true ? { masked_and_hidden: true } : { masked: options.masked ?? false };
  const variable = isThere
    ? await client.send(
        'PUT',
        `${at}/${encodeURIComponent(key)}`,
        schemas.RestVariable,
        { ...settings, ...masking },
        scopeQuery(scope),
      )
    : await client.send('POST', at, schemas.RestVariable, {
        key,
        environment_scope: scope,
        ...settings,
        ...masking,
      });
  if (options.json === true) await showJson(io, { ...variable, value: null });
  else await print(io.stdout, `${key} is ${isThere ? 'changed' : 'set'}.\n`);
  return EXIT.success;
}

/** What `slipway variable list` does. Values are not shown: a terminal keeps what it has shown. */
export async function listVariables(io: Io, options: VariableOptions): Promise<number> {
  const found = await allVariables(await variablesOf(io, options));
  if (options.json === true)
    await showJson(
      io,
      found.map((one) => ({ ...one, value: null })),
    );
  else {
    const rows = found.map((one) => [
      one.key,
      one.environment_scope,
      [
        one.hidden ? 'hidden' : one.masked ? 'masked' : '',
        one.protected ? 'protected' : '',
        one.variable_type === 'file' ? 'file' : '',
        one.raw ? 'raw' : '',
      ]
        .filter((word) => word !== '')
        .join(', '),
      one.description ?? '',
    ]);
    await showTable(io, ['KEY', 'SCOPE', 'KIND', 'DESCRIPTION'], rows, 'There are no variables.');
  }
  return EXIT.success;
}

/** What `slipway variable remove` does. */
export async function removeVariable(io: Io, key: string, options: ScopedOptions): Promise<number> {
  const { client, schemas, at } = await variablesOf(io, options);
  const query = options.scope === undefined ? {} : scopeQuery(options.scope);
  await client.send('DELETE', `${at}/${encodeURIComponent(key)}`, schemas.Nothing, undefined, query);
  if (options.json === true) await showJson(io, { removed: key });
  else await print(io.stdout, `${key} is removed.\n`);
  return EXIT.success;
}

type Variables = Pick<Remote, 'client' | 'schemas'> & { readonly at: string };

async function variablesOf(io: Io, options: VariableOptions): Promise<Variables> {
  if (options.instance === true) return { ...(await openRemote(io, options)), at: '/admin/ci/variables' };
  const remote = await openRemoteProject(io, options);
  return { ...remote, at: `${remote.at}/variables` };
}

/** The list of variables has no cursors: it is short. */
async function allVariables({ client, schemas, at }: Variables) {
  const found = [];
  for (let page = 1; ; page += 1) {
    const some = await client.get(at, schemas.listOf(schemas.RestVariable), { page, per_page: 100 });
    found.push(...some);
    if (some.length < 100) return found;
  }
}

async function hasVariable(variables: Variables, key: string, scope: string): Promise<boolean> {
  return (await allVariables(variables)).some((one) => one.key === key && one.environment_scope === scope);
}

function scopeQuery(scope: string) {
  return { 'filter[environment_scope]': scope };
}
