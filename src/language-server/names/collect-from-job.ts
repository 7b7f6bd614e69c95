import type { WrittenNode } from '../../config/index.ts';
import { collectFromIncludes } from './collect-from-includes.ts';
import { collectVariableNames } from './collect-from-settings.ts';
import { type Collector, innerRange, itemsOf, textOf, valueAt } from './collector.ts';

/** One of them makes a mapping a job. */
export function isJob(node: WrittenNode): boolean {
  return ['script', 'run', 'trigger'].some((key) => valueAt(node, key) !== undefined);
}

/** The jobs, stages, variables and files that a job names. */
export function collectFromJob(collector: Collector, job: WrittenNode): void {
  if (job.kind !== 'mapping') return;
  for (const { key, value } of job.pairs) {
    if (key.kind !== 'scalar') continue;
    if (value.kind === 'alias') collector.aliased.push({ keyword: key.value, anchor: value.name });
    else collectFromKeyword(collector, key.value, value);
  }
}

/** What the value of one of a job's keywords names. */
export function collectFromKeyword(collector: Collector, keyword: string, value: WrittenNode): void {
  switch (keyword) {
    case 'stage':
      collectName(collector, 'stage', value);
      return;
    case 'extends':
    case 'dependencies':
      for (const item of itemsOf(value)) collectName(collector, 'job', item);
      return;
    case 'needs':
      collectNeeds(collector, value);
      return;
    case 'environment':
      collectName(collector, 'job', valueAt(value, 'on_stop'));
      return;
    case 'variables':
    case 'id_tokens':
    case 'secrets':
      collectVariableNames(collector, value);
      return;
    case 'inherit':
      for (const item of itemsOf(valueAt(value, 'variables'))) collectName(collector, 'variable', item);
      return;
    case 'rules':
      for (const rule of itemsOf(value)) {
        collectNeeds(collector, valueAt(rule, 'needs'));
        collectVariableNames(collector, valueAt(rule, 'variables'));
      }
      return;
    case 'parallel':
      for (const entry of itemsOf(valueAt(value, 'matrix'))) collectVariableNames(collector, entry);
      return;
    case 'trigger':
      collectFromIncludes(collector, valueAt(value, 'include'));
      return;
  }
}

function collectNeeds(collector: Collector, needs: WrittenNode | undefined): void {
  for (const need of itemsOf(needs)) {
    if (need.kind === 'scalar') collectName(collector, 'job', need);
    // A job of another pipeline has no place here.
    else if (valueAt(need, 'pipeline') === undefined && valueAt(need, 'project') === undefined) {
      collectName(collector, 'job', valueAt(need, 'job'));
    }
  }
}

function collectName(
  collector: Collector,
  kind: 'job' | 'stage' | 'variable',
  node: WrittenNode | undefined,
): void {
  const name = textOf(node);
  if (node?.kind !== 'scalar' || name === null || name.includes('$')) return;
  const of = kind === 'job' ? (INSTANCE.exec(name)?.[1] ?? null) : null;
  collector.add(kind, name, 'reference', innerRange(node), of);
}

/** What `parallel` makes of a name: `test 1/3`, `test: [a, b]`. */
const INSTANCE = /^(.+?)(?:: \[.*\]| \d+\/\d+)$/;
