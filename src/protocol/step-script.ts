import type { BuildJob, Json } from '../pipeline/index.ts';

/** The script that the steps of `run` amount to, or why they cannot be carried out here. */
export type StepScript =
  | { readonly kind: 'script'; readonly lines: readonly string[] }
  | { readonly kind: 'refused'; readonly reason: string };

/**
 * A job has either `script` or `run`. A step that is a script is carried out like one, each in a shell of its own, so
 * that nothing it sets reaches the next. Steps that are fetched from elsewhere (`step`, `action`, `func`) need a
 * program that is not here, and so do expressions in a step.
 */
export function scriptOf(job: BuildJob): StepScript {
  const steps = job.carried.run;
  if (steps === undefined) return { kind: 'script', lines: job.script };
  if (!isList(steps)) return { kind: 'refused', reason: '`run` is no list of steps.' };
  const lines: string[] = [];
  for (const [index, step] of steps.entries()) {
    const reason = refusal(step);
    if (reason !== null) return { kind: 'refused', reason: `Step ${index + 1} of \`run\` ${reason}.` };
    const { name, script } = partsOf(step);
    lines.push(`( # ${name ?? `step ${index + 1}`}\n${script ?? ''}\n)`);
  }
  if (lines.length === 0) return { kind: 'refused', reason: '`run` has no steps.' };
  return { kind: 'script', lines };
}

function refusal(step: Json): string | null {
  if (!isMapping(step)) return 'is no mapping';
  const foreign = Object.keys(step).filter((key) => key !== 'name' && key !== 'script');
  if (foreign.length > 0)
    return `has ${foreign.join(', ')}: a local run carries out steps of \`script\` only`;
  const { name, script } = partsOf(step);
  if (script === null || script.trim() === '') return 'has no `script`';
  if (name !== null && !/^[\w .-]+$/.test(name)) return 'has a `name` that is no plain word';
  return script.includes('${{') ? 'has an expression, `${{ … }}`, which is not evaluated' : null;
}

function partsOf(step: Json): { readonly name: string | null; readonly script: string | null } {
  if (!isMapping(step)) return { name: null, script: null };
  const { name, script } = step;
  return {
    name: typeof name === 'string' ? name : null,
    script: typeof script === 'string' ? script : null,
  };
}

function isList(value: Json): value is readonly Json[] {
  return Array.isArray(value);
}

function isMapping(value: Json): value is { readonly [key: string]: Json } {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
