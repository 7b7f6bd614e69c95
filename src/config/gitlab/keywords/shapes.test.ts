import { expect, test } from 'vitest';
import type { Problem } from '../../../base/problem.ts';
import type { Json } from '../../../pipeline/index.ts';
import type { MappingEntry, Node } from '../../document/index.ts';
import { isNull } from '../entries/collections.ts';
import { rootPosition } from '../entries/entry.ts';
import { isJob } from '../entries/job.ts';
import { matchesShape } from '../entries/schema-check.ts';
import { readConfig } from '../read-config.ts';
import { caseContext, caseExpectation, caseNames, caseSources } from '../test-support/cases.ts';
import { LANGUAGE } from './shapes.ts';

/** Editors complain about what a shape does not allow: it must never be stricter than the reading. */
test.each(caseNames().filter(isAccepted))('the shapes allow what is read: %s', async (name) => {
  const context = caseContext(name);
  const { merged } = await readConfig({ sources: caseSources(name), file: '.gitlab-ci.yml', context });
  const problems: Problem[] = [];
  for (const [key, { value }] of merged?.entries ?? []) {
    if (key.startsWith('.') || isNull(value)) continue;
    const setting = value.kind === 'mapping' && isJob(value) ? undefined : LANGUAGE[key];
    const shape = setting ?? LANGUAGE.job;
    if (shape !== undefined) matchesShape(withoutNulls(value), shape, rootPosition(problems));
  }
  expect(problems.map(({ message, excerpt }) => `${message.trim()}: ${excerpt}`)).toEqual([]);
});

function isAccepted(name: string): boolean {
  const expected: Json = caseExpectation(name);
  return Object.entries(expected ?? {}).some(([key, value]) => key === 'valid' && value === true);
}

/** A key whose value is null counts as not written. */
function withoutNulls(node: Node): Node {
  if (node.kind === 'sequence') {
    return { ...node, items: node.items.filter((item) => !isNull(item)).map(withoutNulls) };
  }
  if (node.kind !== 'mapping') return node;
  const entries = new Map<string, MappingEntry>();
  for (const [key, entry] of node.entries) {
    if (!isNull(entry.value)) entries.set(key, { ...entry, value: withoutNulls(entry.value) });
  }
  return { ...node, entries };
}
