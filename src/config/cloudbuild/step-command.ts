import type { Problem } from '../../base/problem.ts';
import type { ImageCommand } from '../../pipeline/index.ts';
import { type MappingNode, problemAt } from '../document/index.ts';
import { textIn, textsIn, valueIn } from './language/values.ts';
import type { Substitution } from './substitution/substitute.ts';

/**
 * What a step runs. `program` is what takes the place of the image's own entrypoint; null: the image has it.
 *
 * A script is run as the service does, from a file that starts with `#!` or by `/bin/sh`, and therefore goes on after a
 * command that fails unless it says `set -e`.
 */
export function commandOf(
  step: MappingNode,
  program: string | null,
  substitution: Substitution,
  problems: Problem[],
): ImageCommand {
  const script = textIn(step, 'script');
  const entrypoint = textIn(step, 'entrypoint');
  const args = textsIn(step, 'args').map(substitution.expand);
  if (script === null) {
    const named = entrypoint === null ? '' : substitution.expand(entrypoint);
    return {
      program: named === '' ? program : named,
      arguments: valueIn(step, 'args') === null ? null : args,
    };
  }
  for (const name of ['entrypoint', 'args']) {
    const node = valueIn(step, name);
    if (node === null) continue;
    problems.push(
      problemAt(node.span, {
        code: 'cloudbuild-script-with-args',
        message: `A step with a script cannot have ${name}`,
        hint: 'Put the arguments into the script, or its text behind `-c` in `args`.',
      }),
    );
  }
  return scriptCommand(script.text);
}

function scriptCommand(text: string): ImageCommand {
  if (!text.startsWith('#!')) return { program: '/bin/sh', arguments: ['-c', text] };
  return { program: '/bin/sh', arguments: ['-c', FROM_A_FILE, 'script', text] };
}

const FROM_A_FILE = 'f=$(mktemp) && printf "%s\\n" "$1" >"$f" && chmod 700 "$f" && exec "$f"';
