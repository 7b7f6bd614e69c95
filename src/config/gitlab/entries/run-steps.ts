import type { Json } from '../../../pipeline/index.ts';
import { type Entry, locationOf, type Shape, say } from './entry.ts';
import { schemaChecked } from './schema-check.ts';

const NAME = '^[a-zA-Z_][a-zA-Z0-9_]*$';
const text: Shape = { type: 'string' };
const name: Shape = { type: 'string', pattern: NAME };
const env: Shape = { type: 'map', values: text, keys: NAME };

const fromGit: Shape = {
  type: 'record',
  fields: {
    git: {
      type: 'record',
      fields: { url: text, dir: text, rev: text, file: text },
      required: ['url', 'rev'],
    },
  },
  required: ['git'],
};

const fromRegistry: Shape = {
  type: 'record',
  fields: {
    oci: {
      type: 'record',
      fields: { registry: text, repository: text, tag: text, dir: text, file: text },
      required: ['registry', 'repository', 'tag'],
    },
  },
  required: ['oci'],
};

const elsewhere: Shape = { type: 'one-of', choices: [text, fromGit, fromRegistry] };

const scriptStep: Shape = {
  type: 'record',
  fields: { name, script: { type: 'string', minLength: 1 }, env },
  required: ['name', 'script'],
};

/** `func` is the newer name of `step`; `action` was taken away again, and files still have it. */
const fetchedStep: Shape = {
  type: 'record',
  fields: {
    name,
    step: elsewhere,
    func: elsewhere,
    action: { type: 'string', minLength: 1 },
    env,
    inputs: { type: 'map', values: { type: 'any' }, keys: NAME },
  },
  required: ['name'],
  oneOf: ['step', 'func', 'action'],
};

const steps = schemaChecked({
  type: 'list',
  items: { type: 'one-of', choices: [scriptStep, fetchedStep] },
});

/** `run`: the steps of a job that has no `script`. Warns of those that a local run cannot carry out. */
export const runSteps: Entry<Json> = {
  shape: steps.shape,
  read(node, at) {
    const value = steps.read(node, at);
    if (value !== undefined && !hasOnlyScripts(value)) {
      const message = `${locationOf(at)}:run has steps that a local run cannot carry out: the job will fail there`;
      say(at, node.span, message, { code: 'keyword-not-acted-on', severity: 'warning' });
    }
    return value;
  },
};

/** Steps that are a script are carried out; others are refused when the job runs. */
function hasOnlyScripts(value: Json): boolean {
  if (!Array.isArray(value)) return false;
  return value.every(
    (step: Json) =>
      typeof step === 'object' &&
      step !== null &&
      Object.keys(step).every((key) => key === 'name' || key === 'script'),
  );
}
