import type { Place } from '../../base/problem.ts';
import type { ExplainedKey, WrittenNode } from '../../config/index.ts';
import { entriesByName, lineage, type RootEntry } from '../names/root-entries.ts';
import type { Scope } from '../project/project.ts';
import { positionAt } from '../syntax/line-starts.ts';
import { isGiven, type Plain, plainOf, shortForm } from './short-form.ts';

/**
 * A job or template in short, as Markdown: whether it runs in a push pipeline of what is checked out, and its keys with
 * where each comes from. Without a reading (the files have errors, or it is a template) the keys are those of the files
 * as they are written.
 */
export async function jobText(scope: Scope, name: string): Promise<string | null> {
  const { files, diagnosis } = scope;
  const explained = name.startsWith('.') ? null : ((await diagnosis?.reading.explain(name)) ?? null);
  const entries = lineage(entriesByName(files), name);
  if (explained === null && entries.length === 0) return null;
  const keys = explained === null ? writtenKeys(name, entries) : explained.keys.map(explainedKey);
  const kind = name.startsWith('.') ? 'template' : 'job';
  const parts = [`**${name}** · ${kind}${headOf(keys, kind)}`];
  if (explained !== null) {
    parts.push(
      `In a push pipeline ${explained.included ? 'it runs' : 'it does not run'}: ${explained.reason}`,
    );
  }
  const used = usersOf(scope, name);
  if (used !== null) parts.push(used);
  parts.push(keys.slice(0, MAX_KEYS).map(keyLine).join('\n'));
  return parts.join('\n\n');
}

const MAX_KEYS = 24;

interface JobKey {
  readonly key: string;
  readonly value: Plain;
  /** `ci/base.yml:3, by extends .base` */
  readonly from: string;
}

function headOf(keys: readonly JobKey[], kind: string): string {
  const stage = keys.find(({ key }) => key === 'stage')?.value;
  if (typeof stage === 'string') return ` of stage \`${stage}\``;
  return kind === 'job' ? ' of stage `test`, as no stage is given' : '';
}

function keyLine({ key, value, from }: JobKey): string {
  const short = shortForm(key, value);
  return `- \`${key}\`${short === '' ? '' : `: ${short}`} — ${from}`;
}

function explainedKey({ key, value, place, via }: ExplainedKey): JobKey {
  const steps = via.map((step) => (step.kind === 'default' ? 'default' : `${step.kind} \`${step.name}\``));
  const by = steps.length === 0 ? '' : `, by ${steps.join(', ')}`;
  return { key, value, from: `${shortPlace(place)}${by}` };
}

function shortPlace({ file, line }: Place): string {
  return `${file}:${line}`;
}

/** The nearest of the lineage that has a key gives it; mappings are not merged here. */
function writtenKeys(name: string, entries: readonly RootEntry[]): readonly JobKey[] {
  const keys = new Map<string, JobKey>();
  for (const { file, block, key: owner, value } of entries) {
    if (value.kind !== 'mapping') continue;
    for (const pair of value.pairs) {
      if (pair.key.kind !== 'scalar' || keys.has(pair.key.value) || !isGiven(pair.value)) continue;
      const line = positionAt(file, block.start + pair.key.start).line + 1;
      const by = owner.value === name ? '' : `, by extends \`${owner.value}\``;
      keys.set(pair.key.value, {
        key: pair.key.value,
        value: plainOf(pair.value),
        from: `${file.path}:${line}${by}`,
      });
    }
  }
  return [...keys.values()];
}

/** Of a template: the jobs that extend it. */
function usersOf({ files }: Scope, name: string): string | null {
  if (!name.startsWith('.')) return null;
  const users = new Set<string>();
  for (const [job, entries] of entriesByName(files)) {
    if (entries.some(({ value }) => extendsName(value, name))) users.add(`\`${job}\``);
  }
  if (users.size === 0) return 'Nothing extends it.';
  const shown = [...users].slice(0, MAX_USERS);
  return `Extended by ${shown.join(', ')}${users.size > shown.length ? `, and ${users.size - shown.length} more` : ''}`;
}

const MAX_USERS = 12;

function extendsName(job: WrittenNode, name: string): boolean {
  if (job.kind !== 'mapping') return false;
  return job.pairs.some(
    ({ key, value }) =>
      key.kind === 'scalar' &&
      key.value === 'extends' &&
      (value.kind === 'sequence' ? value.items : [value]).some(
        (one) => one.kind === 'scalar' && one.value === name,
      ),
  );
}
