import type { Problem } from '../../base/problem.ts';
import { type MappingNode, problemAt } from '../document/index.ts';
import { bareImage } from '../settings/map-builder.ts';
import { textIn } from './language/values.ts';

/**
 * A name for each step, none twice: its `id`, or `step 0: docker`, counted as the service's logs do. Two steps with the
 * same `id` are an error.
 */
export function nameSteps(steps: readonly MappingNode[], problems: Problem[]): readonly string[] {
  const taken = new Set<string>();
  for (const step of steps) {
    const id = textIn(step, 'id');
    if (id === null || id.text === '') continue;
    const message =
      id.text === '-'
        ? 'The id of a step cannot be -, which stands for waiting for nothing'
        : taken.has(id.text)
          ? `Two steps have the id ${JSON.stringify(id.text)}`
          : null;
    if (message !== null) problems.push(problemAt(id.node.span, { code: 'cloudbuild-step-id', message }));
    taken.add(id.text);
  }
  const given = new Set<string>();
  return steps.map((step, index) => {
    const id = textIn(step, 'id')?.text ?? '';
    const wanted = id !== '' && !given.has(id) ? id : `step ${index}: ${shortImage(step)}`;
    const name = id === wanted ? id : free(wanted, taken);
    given.add(name);
    taken.add(name);
    return name;
  });
}

/** The name, or one with a number behind it. */
export function free(wanted: string, taken: ReadonlySet<string>): string {
  let name = wanted;
  for (let count = 2; taken.has(name); count++) name = `${wanted} (${count})`;
  return name;
}

function shortImage(step: MappingNode): string {
  const bare = bareImage(textIn(step, 'name')?.text ?? '');
  const short = bare.slice(bare.lastIndexOf('/') + 1).slice(0, 60);
  return short === '' ? 'image' : short;
}
