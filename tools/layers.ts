/**
 * The layers, low to high. A folder imports only from folders before it, and only through that folder's index.ts;
 * `base` is the exception: each of its files is a ground-floor piece of its own. `make check` enforces it
 * (check-layers.ts), and the table in ARCHITECTURE.md is made from it (docs.ts).
 */
export const LAYERS: readonly (readonly [name: string, what: string])[] = [
  ['base', 'small ground-floor pieces, one idea a file: problems, clock, git, globs, durations'],
  ['pipeline', 'the Plan, the statuses, the one state machine, and how two plans differ; pure'],
  ['config', 'a pipeline file becomes a Plan; reaches files only through the `Sources` port'],
  ['includes', 'files from elsewhere, fetched within limits: addresses, git servers, templates'],
  ['protocol', 'what goes between programs: the runner protocol and the REST API, for both sides'],
  ['downstream', 'what a trigger job means: files, variables and limits of the pipeline that it starts'],
  [
    'runner',
    'one job: workspace, sandbox or containers, scripts, artifacts, cache, reports, log; and jobs of a server',
  ],
  ['store', 'SQL schema, migrations, queries, blobs'],
  ['delivery', 'environments, approvals, strategies, verification, rollback, targets'],
  ['server', 'HTTP, git, pipelines, queue'],
  ['local', 'a run on this machine: git context, state machine and runner put together'],
  ['language-server', 'what editors ask about pipeline files: one feature a file, apart from the protocol'],
  ['client', 'the typed HTTP client of the server'],
  ['cli', 'the command: one file a subcommand, and how things look on a terminal'],
];

/** Not allowed although the imported layer stands lower. */
export const FORBIDDEN_PAIRS: readonly (readonly [importer: string, imported: string])[] = [
  ['config', 'runner'],
  ['runner', 'config'],
  ['protocol', 'config'],
  ['protocol', 'includes'],
  ['runner', 'includes'],
  ['runner', 'downstream'],
  ['local', 'server'],
  ['local', 'store'],
  ['client', 'server'],
  ['client', 'store'],
  ['client', 'language-server'],
  ['language-server', 'runner'],
  ['language-server', 'server'],
  ['language-server', 'store'],
];

export function mayImport(importer: string, imported: string): boolean {
  if (importer === imported) return true;
  const order = LAYERS.map(([name]) => name);
  if (order.indexOf(imported) === -1 || order.indexOf(imported) > order.indexOf(importer)) return false;
  return !FORBIDDEN_PAIRS.some(([from, to]) => from === importer && to === imported);
}
