import { findKeyword, ROOT_SETTINGS } from '../../config/index.ts';
import { keyName } from '../names/collect-names.ts';
import { textOf } from '../names/collector.ts';
import { type Files, namesIn } from '../names/find-names.ts';
import { entriesByName, inheritedValue, lineage } from '../names/root-entries.ts';
import type { Scope } from '../project/project.ts';
import type { Candidate } from './completion.ts';
import { stageNames } from './symbols.ts';

/** Names of jobs, stages and variables, where the keyword that these keys lead to takes one. */
export function nameCandidates(
  { files }: Scope,
  keys: readonly string[],
  owner: string,
): readonly Candidate[] {
  switch (findKeyword(keys)?.path) {
    case 'job:stage':
      return stageNames(files).map((label) => ({ label, kind: 'stage', detail: 'stage', text: '' }));
    case 'job:extends':
      return [...jobs(files, owner, true), ...jobs(files, owner, false)];
    case 'job:needs':
    case 'job:needs:job':
    case 'job:rules:needs':
    case 'job:rules:needs:job':
    case 'job:dependencies':
    case 'job:environment:on_stop':
    case 'job:trigger:include:job':
      return jobs(files, owner, false);
    case 'job:inherit:variables':
      return rootVariables(files);
    case 'job:inherit:default':
      return (findKeyword(['default'])?.below ?? []).map((label) => ({
        label,
        kind: 'keyword',
        detail: `default:${label}`,
        text: '',
      }));
    default:
      return [];
  }
}

/** `!reference [job, key, …]`: what can follow these items. */
export function referenceCandidates({ files }: Scope, before: readonly string[]): readonly Candidate[] {
  const [job, ...keys] = before;
  if (job === undefined) {
    const byName = entriesByName(files);
    const settings = ROOT_SETTINGS.filter((name) => byName.has(name));
    return [
      ...jobs(files, '', true),
      ...jobs(files, '', false),
      ...settings.map((label) => ({ label, kind: 'keyword' as const, detail: 'setting', text: '' })),
    ];
  }
  const names = new Set<string>();
  const paths = lineage(entriesByName(files), job).map(({ key }) => keys.reduce(keyName, key.value));
  for (const { occurrence } of namesIn(files, 'key', 'definition')) {
    for (const path of paths) {
      const rest = occurrence.name.startsWith(`${path}\0`) ? occurrence.name.slice(path.length + 1) : '';
      if (rest !== '' && !rest.includes('\0')) names.add(rest);
    }
  }
  return [...names].map((label) => ({ label, kind: 'keyword', detail: `of ${before.join(' ')}`, text: '' }));
}

function jobs(files: Files, owner: string, templates: boolean): readonly Candidate[] {
  const byName = entriesByName(files);
  const names = new Set<string>();
  for (const { occurrence } of namesIn(files, 'job', 'definition')) {
    if (occurrence.name !== owner && occurrence.name.startsWith('.') === templates)
      names.add(occurrence.name);
  }
  return [...names].map((label) => {
    const [entry] = byName.get(label) ?? [];
    const where = entry === undefined ? '' : ` in ${entry.file.path}`;
    if (templates) return { label, kind: 'template', detail: `template${where}`, text: '' };
    const stage = textOf(inheritedValue(lineage(byName, label), 'stage')) ?? 'test';
    return { label, kind: 'job', detail: `job of stage ${stage}${where}`, text: '' };
  });
}

function rootVariables(files: Files): readonly Candidate[] {
  const names = new Set<string>();
  for (const { occurrence } of namesIn(files, 'variable', 'definition')) {
    if (occurrence.owner === 'variables') names.add(occurrence.name);
  }
  return [...names].map((label) => ({ label, kind: 'variable', detail: 'variable of the root', text: '' }));
}
