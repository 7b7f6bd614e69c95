import type { WrittenScalar } from '../../config/index.ts';
import type { Collector } from './collector.ts';

/**
 * The variables (`$NAME`, `${NAME}`) and inputs (`$[[ inputs.name ]]`) that a text mentions. They are looked for in the
 * text as it stands in the file, so that their places are exact, whatever its quotes and folding.
 */
export function collectFromText(collector: Collector, { start, end }: WrittenScalar): void {
  const { text } = collector;
  for (let at = text.indexOf('$', start); at !== -1 && at < end; at = text.indexOf('$', at + 1)) {
    const next = text[at + 1];
    // `$$` is a dollar sign in values, and the shell's own number in scripts.
    if (next === '$') at++;
    else if (next === '[') collectInput(collector, at, end);
    else collectVariable(collector, at + (next === '{' ? 2 : 1));
  }
}

const NAME = /[A-Za-z_][A-Za-z0-9_]*/y;
const INPUT = /\$\[\[\s*inputs\.([A-Za-z0-9_-]+)/y;

function collectVariable(collector: Collector, start: number): void {
  NAME.lastIndex = start;
  const name = NAME.exec(collector.text)?.[0];
  if (name !== undefined) collector.add('variable', name, 'reference', { start, end: start + name.length });
}

function collectInput(collector: Collector, at: number, end: number): void {
  INPUT.lastIndex = at;
  const match = INPUT.exec(collector.text);
  const name = match?.[1];
  if (match === null || name === undefined || INPUT.lastIndex > end) return;
  collector.add('input', name, 'reference', { start: INPUT.lastIndex - name.length, end: INPUT.lastIndex });
}
