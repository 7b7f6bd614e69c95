import { AppError } from '../../base/app-error.ts';
import type { BuildJob, SecretReference } from '../../pipeline/index.ts';
import type { JobVariable } from '../../protocol/index.ts';
import type { SecretSource } from './secret-source.ts';

export type ResolvedSecrets =
  | { readonly kind: 'resolved'; readonly variables: readonly JobVariable[] }
  /** For a person: which secrets are not to be had, and what to do. */
  | { readonly kind: 'missing'; readonly message: string };

/** Looks up the job's secret variables: masked, and nothing in them is expanded. No message ever holds a value. */
export async function resolveSecrets(job: BuildJob, source: SecretSource): Promise<ResolvedSecrets> {
  const variables: JobVariable[] = [];
  for (const [key, reference] of Object.entries(job.secretVariables ?? {})) {
    const found = await lookUp(key, reference, source);
    if ('missing' in found) return { kind: 'missing', message: found.missing };
    variables.push({ key, value: found.value, file: false, masked: true, raw: true });
  }
  return { kind: 'resolved', variables };
}

type Found = { readonly value: string } | { readonly missing: string };

async function lookUp(key: string, reference: SecretReference, source: SecretSource): Promise<Found> {
  const { name, jsonKey } = reference;
  let secret: string | null;
  try {
    secret = await source.find(reference);
  } catch (error) {
    if (!(error instanceof AppError)) throw error;
    return { missing: error.hint === null ? error.message : `${error.message} ${error.hint}` };
  }
  if (secret === null) {
    const hint = `slipway secret set ${shellWord(name)}`;
    return { missing: `There is no secret ${name} for the variable ${key}. Set it with: ${hint}` };
  }
  if (jsonKey === null) return { value: secret };
  const value = valueAt(secret, jsonKey);
  if (value !== null) return { value };
  return { missing: `The secret ${name} for the variable ${key} is no JSON object with a key ${jsonKey}.` };
}

function valueAt(secret: string, key: string): string | null {
  let read: unknown;
  try {
    read = JSON.parse(secret);
  } catch {
    return null;
  }
  if (typeof read !== 'object' || read === null || !Object.hasOwn(read, key)) return null;
  const value: unknown = Reflect.get(read, key);
  return typeof value === 'string' ? value : JSON.stringify(value);
}

function shellWord(text: string): string {
  return /^[\w@%+=:,./-]+$/.test(text) ? text : `'${text.replaceAll("'", "'\\''")}'`;
}
