import { AppError } from '../../base/app-error.ts';
import { remembered } from '../../base/remembered.ts';
import { valueInJson } from '../../base/value-in-json.ts';
import type { BuildJob, SecretReference } from '../../pipeline/index.ts';
import type { JobVariable } from '../../protocol/index.ts';
import type { SecretSource } from './secret-source.ts';

export type ResolvedSecrets =
  | { readonly kind: 'resolved'; readonly variables: readonly JobVariable[] }
  /** For a person: which secrets are not to be had, and what to do. */
  | { readonly kind: 'missing'; readonly message: string };

/**
 * Looks up the job's secret variables: masked, and nothing in them is expanded. A secret of which the job takes several
 * keys is asked for once. No message ever holds a value.
 */
export async function resolveSecrets(
  job: BuildJob,
  source: SecretSource,
  signal: AbortSignal,
): Promise<ResolvedSecrets> {
  const variables: JobVariable[] = [];
  const asked = new Map<string, Promise<Found>>();
  for (const [key, reference] of Object.entries(job.secretVariables ?? {})) {
    const whole = remembered(asked, addressOf(reference), () => lookUp(key, reference, source, signal));
    const found = partOf(await whole, key, reference);
    if ('missing' in found) return { kind: 'missing', message: found.missing };
    variables.push({ key, value: found.value, file: false, masked: true, raw: true });
  }
  return { kind: 'resolved', variables };
}

type Found = { readonly value: string } | { readonly missing: string };

function addressOf({ store, name, version, versionStage }: SecretReference): string {
  return JSON.stringify([store, name, version, versionStage]);
}

async function lookUp(
  key: string,
  reference: SecretReference,
  source: SecretSource,
  signal: AbortSignal,
): Promise<Found> {
  try {
    const value = await source.find(reference, signal);
    return value === null ? { missing: notThere(key, reference, source) } : { value };
  } catch (error) {
    if (!(error instanceof AppError)) throw error;
    return { missing: error.hint === null ? error.message : `${error.message} ${error.hint}` };
  }
}

function notThere(
  key: string,
  { store, name, version, versionStage }: SecretReference,
  source: SecretSource,
): string {
  const which = [
    ...(version === null ? [] : [`version ${version}`]),
    ...(versionStage === null ? [] : [`stage ${versionStage}`]),
  ].join(', ');
  const secret = which === '' ? name : `${name} (${which})`;
  const command = `slipway secret set ${shellWord(name)}`;
  const ask =
    store.startsWith('aws-') && !source.stores.includes(store)
      ? ', or have AWS asked for it: slipway run --aws-secrets'
      : '';
  return `There is no secret ${secret} for the variable ${key} in ${source.name}. Set it with: ${command}${ask}`;
}

function partOf(whole: Found, key: string, { name, jsonKey }: SecretReference): Found {
  if ('missing' in whole || jsonKey === null) return whole;
  const value = valueInJson(whole.value, jsonKey);
  if (value !== null) return { value };
  return { missing: `The secret ${name} for the variable ${key} is no JSON object with a key ${jsonKey}.` };
}

function shellWord(text: string): string {
  return /^[\w@%+=:,./-]+$/.test(text) ? text : `'${text.replaceAll("'", "'\\''")}'`;
}
