import type { Problem } from '../../base/problem.ts';
import { createExpandedSize, MAX_NODES, type MappingNode, problemAt } from '../document/index.ts';

/**
 * Refuses a configuration that is short as it is written and enormous once it is merged: thousands of jobs that extend
 * one template of thousands of variables, or take an input of many characters. Whoever prints it, or makes a pipeline of
 * it, would fill the memory. No file that means well comes near; GitLab runs out of what it allows a request before.
 */
export function checkMergedSize(merged: MappingNode, problems: Problem[]): void {
  const sizeOf = createExpandedSize();
  let values = 0;
  let characters = 0;
  for (const { key, value } of merged.entries.values()) {
    const size = sizeOf(value);
    values += size.values;
    characters += size.characters;
    const most =
      values > MAX_VALUES
        ? `${MAX_VALUES} values`
        : characters > MAX_CHARACTERS
          ? `${MAX_CHARACTERS} characters`
          : null;
    if (most === null) continue;
    const message = `The parsed YAML is too big: more than ${most} once \`include\`, \`extends\` and inputs are filled in`;
    problems.push(problemAt(key.span, { code: 'yaml-too-big', message }));
    return;
  }
}

/** Of all files together; one file may hold half of it. */
const MAX_VALUES = 2 * MAX_NODES;
const MAX_CHARACTERS = 32 * 1024 * 1024;
