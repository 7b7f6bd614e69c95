import { valueInJson } from '../../base/value-in-json.ts';
import type { ContextVariable } from '../../config/index.ts';
import type { BuildJob, SecretReference } from '../../pipeline/index.ts';
import type { JobVariable } from '../../protocol/index.ts';

export type Secrets =
  | { readonly kind: 'found'; readonly variables: readonly JobVariable[] }
  | { readonly kind: 'missing'; readonly message: string };

/**
 * The secrets that a job asks for by the names that they have in a store: looked for among the project's variables, and
 * masked. No message ever holds a value.
 */
export function secretVariables(
  job: BuildJob,
  variables: Readonly<Record<string, ContextVariable>>,
): Secrets {
  const found: JobVariable[] = [];
  for (const [key, secret] of Object.entries(job.secretVariables ?? {})) {
    const name = variableFor(secret);
    const variable = Object.hasOwn(variables, name) ? variables[name] : undefined;
    if (variable === undefined) {
      const message = `The secret ${secret.name} for ${key} is not there: set the variable ${name} in the project.`;
      return { kind: 'missing', message };
    }
    const value = secret.jsonKey === null ? variable.value : valueInJson(variable.value, secret.jsonKey);
    if (value === null) {
      const message = `The variable ${name} for ${key} is no JSON object with a key ${secret.jsonKey}.`;
      return { kind: 'missing', message };
    }
    found.push({ key, value, file: false, masked: true, raw: true });
  }
  return { kind: 'found', variables: found };
}

/**
 * The variable that has a secret: of Secret Manager by the secret's own name, without its project; what no variable's name
 * may have (`/`, `-`) is an underscore.
 */
function variableFor({ store, name }: SecretReference): string {
  const own = store === 'google-secret-manager' ? name.slice(name.lastIndexOf('/') + 1) : name;
  return own.replace(/^\/+/, '').replace(/\W/g, '_').slice(0, MOST_LETTERS);
}

/** As many as a variable's name may have. */
const MOST_LETTERS = 255;
