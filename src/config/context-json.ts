import type { Problem } from '../base/problem.ts';
import type { ContextVariable, MergeRequestContext, PipelineContext, PipelineSource } from './context.ts';
import { PIPELINE_SOURCES } from './context.ts';

/**
 * Reads the context of a pipeline from JSON:
 *
 *     { "ref": "main", "tag": null, "source": "push", "default_branch": "main", "project_path": "group/project",
 *       "commit_message": "msg", "changed_files": null, "project_variables": {}, "pipeline_variables": {},
 *       "inputs": {} }
 *
 * Every key may be left out. `tag` names a tag and takes the place of `ref`. In a merge request (`source`
 * `merge_request_event`) `ref` is the source branch. A variable is a text, or `{value, expand, masked, file}`. What
 * cannot be used is reported and replaced by the default.
 */
export function contextFromJson(json: unknown): {
  readonly context: PipelineContext;
  readonly problems: readonly Problem[];
} {
  const problems: Problem[] = [];
  const report = (message: string): void => {
    problems.push({
      severity: 'error',
      code: 'invalid-context',
      message,
      place: null,
      excerpt: null,
      hint: null,
    });
  };
  const fields = toFields(json, 'the context', report);
  for (const key of fields.keys()) {
    if (!KNOWN_KEYS.has(key)) report(`context: unknown key ${key}; known are ${[...KNOWN_KEYS].join(', ')}`);
  }
  return { context: toContext({ fields, report }), problems };
}

const KNOWN_KEYS: ReadonlySet<string> = new Set([
  'ref',
  'tag',
  'source',
  'default_branch',
  'project_path',
  'commit_message',
  'changed_files',
  'project_variables',
  'pipeline_variables',
  'inputs',
]);

/** Pipelines of these sources run although the commit message asks for none. */
const SOURCES_DEAF_TO_SKIP: ReadonlySet<PipelineSource> = new Set(['web', 'api', 'schedule', 'trigger']);

const NO_COMMIT = '0'.repeat(40);

interface Fields {
  readonly fields: ReadonlyMap<string, unknown>;
  readonly report: (message: string) => void;
}

function toContext(input: Fields): PipelineContext {
  const source = toSource(input);
  const defaultBranch = text(input, 'default_branch') ?? 'main';
  const tag = text(input, 'tag');
  const name = tag ?? text(input, 'ref') ?? defaultBranch;
  const path = text(input, 'project_path') ?? 'group/project';
  return {
    source,
    project: {
      id: 1,
      path,
      title: path.split('/').at(-1) ?? path,
      defaultBranch,
      visibility: 'private',
      configPath: '.gitlab-ci.yml',
    },
    commit: {
      sha: '1'.repeat(40),
      beforeSha: NO_COMMIT,
      message: text(input, 'commit_message') ?? '',
      author: 'Author <author@example.com>',
      timestamp: '1970-01-01T00:00:00+00:00',
      tagMessage: null,
      defaultBranchBase: null,
    },
    ref: { name, kind: tag === null ? 'branch' : 'tag', protected: tag === null && name === defaultBranch },
    mergeRequest: source === 'merge_request_event' ? mergeRequestOf(name, defaultBranch) : null,
    pullRequest: null,
    upstream: null,
    changedFiles: toChangedFiles(input),
    pipeline: {
      id: 1,
      iid: 1,
      createdAt: new Date(0),
      scheduleDescription: source === 'schedule' ? 'schedule' : null,
    },
    user: { id: 1, login: 'user', name: 'User', email: 'user@example.com' },
    server: { url: 'https://gitlab.example.com', sshPort: 22 },
    projectVariables: toVariables(input, 'project_variables'),
    pipelineVariables: toVariables(input, 'pipeline_variables'),
    inputs: Object.fromEntries(toFields(input.fields.get('inputs') ?? {}, 'context: inputs', input.report)),
    ignoreSkipCi: SOURCES_DEAF_TO_SKIP.has(source),
  };
}

function toSource({ fields, report }: Fields): PipelineSource {
  const given = fields.get('source') ?? 'push';
  const known = PIPELINE_SOURCES.find((source) => source === given);
  if (known === undefined) report(`context: source must be one of ${PIPELINE_SOURCES.join(', ')}`);
  return known ?? 'push';
}

function mergeRequestOf(sourceBranch: string, targetBranch: string): MergeRequestContext {
  return {
    iid: 1,
    title: 'Merge request',
    description: '',
    sourceBranch,
    targetBranch,
    targetBranchSha: NO_COMMIT,
    diffBaseSha: NO_COMMIT,
    labels: [],
  };
}

function text({ fields, report }: Fields, key: string): string | null {
  const value = fields.get(key) ?? null;
  if (value === null || typeof value === 'string') return value;
  report(`context: ${key} must be a text`);
  return null;
}

function toChangedFiles({ fields, report }: Fields): readonly string[] | null {
  const value = fields.get('changed_files') ?? null;
  if (value === null) return null;
  if (Array.isArray(value) && value.every((path) => typeof path === 'string')) return value;
  report('context: changed_files must be a list of paths, or null when no diff is known');
  return null;
}

function toVariables({ fields, report }: Fields, key: string): Readonly<Record<string, ContextVariable>> {
  const given = toFields(fields.get(key) ?? {}, `context: ${key}`, report);
  return Object.fromEntries(
    [...given].map(([name, value]) => [name, toVariable(value, `${key}.${name}`, report)]),
  );
}

function toVariable(value: unknown, where: string, report: Fields['report']): ContextVariable {
  if (typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean') {
    return { value: String(value), expand: true, masked: false, file: false };
  }
  const parts = toFields(value, `context: ${where}`, report);
  const content = parts.get('value');
  if (typeof content !== 'string') report(`context: ${where} needs a text as its value`);
  return {
    value: typeof content === 'string' ? content : '',
    expand: parts.get('expand') !== false,
    masked: parts.get('masked') === true,
    file: parts.get('file') === true,
  };
}

function toFields(value: unknown, where: string, report: Fields['report']): ReadonlyMap<string, unknown> {
  if (typeof value === 'object' && value !== null && !Array.isArray(value))
    return new Map(Object.entries(value));
  report(`${where} must be an object`);
  return new Map();
}
