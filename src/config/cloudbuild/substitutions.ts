import type { Problem } from '../../base/problem.ts';
import type { PipelineContext } from '../context.ts';
import { type MappingNode, type Node, problemAt } from '../document/index.ts';
import type { Settings } from '../settings/settings.ts';
import { flagIn, mappingIn, textIn } from './language/values.ts';
import {
  builtInSubstitutions,
  likelyProject,
  PULL_REQUEST_NAMES,
  pullRequestSubstitutions,
} from './substitution/built-in.ts';
import { createSubstitution, type Substitution, type SubstitutionValue } from './substitution/substitute.ts';

/** The substitutions of a build, ready to be filled in. */
export interface BuildSubstitutions extends Substitution {
  /** All of them as variables, for `automapSubstitutions`. */
  asVariables(): ReadonlyMap<string, string>;
  /** Reports those of the file that were never used; called when everything is filled in. */
  checkUnused(mapped: boolean): void;
}

interface Request {
  readonly build: MappingNode;
  readonly context: PipelineContext;
  readonly settings: Settings;
  readonly file: string;
  readonly problems: Problem[];
}

/** The most that a build may have, and the most that a name and a value may be long. */
const MAX_COUNT = 200;
const MAX_NAME = 100;
const MAX_VALUE = 4_000;

/**
 * Values by rising weight: the service's own, the file's `substitutions`, variables of the project, inputs, variables of
 * the pipeline. A build of the events `api` and `web` is one that a person submits, any other one that a trigger starts:
 * for those the service always allows operations, and is not strict.
 */
export function buildSubstitutions(request: Request): BuildSubstitutions {
  const { build, context, settings, problems } = request;
  const options = mappingIn(build, 'options');
  const submitted = context.source === 'api' || context.source === 'web';
  const strict = textIn(options, 'substitutionOption')?.text ?? null;
  const severity = strict === 'MUST_MATCH' || (strict === null && submitted) ? 'error' : 'warning';
  const serviceAccount = textIn(build, 'serviceAccount')?.text ?? null;
  const builtIn = builtInSubstitutions({
    context,
    settings: settings.cloudbuild,
    file: request.file,
    serviceAccount,
  });
  const written = writtenSubstitutions(build, builtIn, problems);
  const given = givenValues(context, (name) => builtIn.has(name) || name.startsWith('_'));
  const values = new Map<string, SubstitutionValue>();
  for (const [name, value] of builtIn) values.set(name, { kind: 'plain', text: value ?? '' });
  for (const [name, text] of pullRequestSubstitutions(context)) values.set(name, { kind: 'plain', text });
  for (const [name, node] of written) values.set(name, { kind: 'template', ...node });
  for (const [name, text] of given) values.set(name, { kind: 'plain', text });

  const unknown = new Set([...builtIn].flatMap(([name, value]) => (value === null ? [name] : [])));
  for (const name of [...written.keys(), ...given.keys()]) unknown.delete(name);
  if (unknown.has('PROJECT_ID')) values.set('PROJECT_ID', { kind: 'plain', text: likelyProject(context) });

  const substitution = createSubstitution({
    values,
    builtIn: new Set([...builtIn.keys(), ...PULL_REQUEST_NAMES]),
    dynamic: !submitted || flagIn(options, 'dynamicSubstitutions') === true,
    missing: severity,
    problems,
    onUse(name, span) {
      if (span.file.name !== '' && unknown.has(name)) problems.push(unknownProject(name, span, context));
    },
  });
  return {
    ...substitution,
    asVariables: () => new Map([...values.keys()].map((name) => [name, substitution.valueOf(name)])),
    checkUnused(mapped) {
      if (mapped || strict === 'ALLOW_LOOSE') return;
      for (const [name, { node }] of written)
        if (!substitution.used.has(name))
          problems.push(
            problemAt(node.span, {
              code: 'substitution-unused',
              severity,
              message: `${name} is never used`,
              hint: 'Scripts see it only with `automapSubstitutions`; `substitutionOption: ALLOW_LOOSE` allows it.',
            }),
          );
    },
  };
}

function writtenSubstitutions(
  build: MappingNode,
  builtIn: ReadonlyMap<string, unknown>,
  problems: Problem[],
): ReadonlyMap<string, { readonly text: string; readonly node: Node }> {
  const mapping = mappingIn(build, 'substitutions');
  const written = new Map<string, { readonly text: string; readonly node: Node }>();
  if (mapping === null) return written;
  const report = (node: Node, message: string, hint: string | null = null): void => {
    problems.push(problemAt(node.span, { code: 'substitution-not-allowed', message, hint }));
  };
  if (mapping.entries.size > MAX_COUNT) report(mapping, `There are more than ${MAX_COUNT} substitutions`);
  for (const [name, { key, value }] of [...mapping.entries].slice(0, MAX_COUNT)) {
    const text = value.kind === 'scalar' && typeof value.value === 'string' ? value.value : '';
    if (name.length > MAX_NAME)
      report(key, `The name of a substitution is longer than ${MAX_NAME} characters`);
    else if (!/^_[A-Z0-9_]+$/.test(name) && !builtIn.has(name))
      report(
        key,
        `${name} is no name of a substitution`,
        'A name of your own starts with `_`, and has capital letters, digits and `_` behind it.',
      );
    else if (text.length > MAX_VALUE)
      report(value, `The value of ${name} is longer than ${MAX_VALUE} characters`);
    else written.set(name, { text, node: value });
  }
  return written;
}

/** What the project and whoever started the pipeline give. */
function givenValues(
  context: PipelineContext,
  wanted: (name: string) => boolean,
): ReadonlyMap<string, string> {
  const given = new Map<string, string>();
  for (const [name, { value }] of Object.entries(context.projectVariables))
    if (wanted(name)) given.set(name, value);
  for (const [name, value] of Object.entries(context.inputs))
    if (wanted(name) && value !== null && typeof value !== 'object') given.set(name, String(value));
  for (const [name, { value }] of Object.entries(context.pipelineVariables))
    if (wanted(name)) given.set(name, value);
  return given;
}

function unknownProject(
  name: string,
  span: Parameters<typeof problemAt>[0],
  context: PipelineContext,
): Problem {
  const key = name === 'PROJECT_ID' ? 'project' : 'project_number';
  const instead = name === 'PROJECT_ID' ? `\`${likelyProject(context)}\` is taken` : 'nothing is filled in';
  return problemAt(span, {
    code: 'cloudbuild-project-unknown',
    severity: 'warning',
    message: `${name} is not known here: ${instead}`,
    hint: `Say it in slipway.yml, \`cloudbuild: {${key}: …}\`, or with \`--var ${name}=…\`.`,
  });
}
