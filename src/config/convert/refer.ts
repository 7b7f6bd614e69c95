import type { BuildJob, Variables } from '../../pipeline/index.ts';
import type { Remark } from './conversion.ts';
import type { Mark } from './marks.ts';
import { encodeParts, type TextPart, withValues } from './reference.ts';

/**
 * The job with references for what its texts have of the event: what a commit is called would be wrong for the next one.
 * `marked` is the same job for the marked event. A text in which a mark was changed (cut, replaced in) keeps the value of
 * this event, and that is said.
 */
export function referring(
  job: BuildJob,
  marked: BuildJob,
  marks: readonly Mark[],
  remarks: Remark[],
): BuildJob {
  const said = new Set<string>();
  function say(key: string, kind: Remark['kind'], text: string): void {
    if (said.has(`${key} ${text}`)) return;
    said.add(`${key} ${text}`);
    remarks.push({ job: job.name, key, kind, text });
  }
  function refer(key: string, text: string, from: string | undefined): string {
    if (from === undefined || from === text) return text;
    const parts = split(from, marks);
    const encoded = encodeParts(parts.map((part) => (typeof part === 'string' ? part : reference(part))));
    if (withValues(encoded) !== text) {
      say(
        key,
        'dropped',
        `${key} holds a value that is made of this event's: it is the same in every pipeline.`,
      );
      return text;
    }
    for (const part of parts) {
      if (typeof part === 'string') continue;
      if (part.unlike !== null) say(key, 'changed', `$${part.variable}: ${part.unlike}`);
      if (part.unset)
        say(key, 'dropped', `$${part.variable} is not known: set it as a CI/CD variable of the project.`);
    }
    return encoded;
  }
  const list = (key: string, texts: readonly string[], from: readonly string[] | undefined): string[] =>
    texts.map((text, index) => refer(key, text, from?.[index]));
  const variables = (from: Variables): Variables =>
    Object.fromEntries(
      Object.entries(job.variables).map(([name, { value, expand }]) => [
        name,
        { value: refer('variables', value, from[name]?.value), expand },
      ]),
    );
  const { command, sharedWorkspace, image, artifacts } = job;
  return {
    ...job,
    script: list('script', job.script, marked.script),
    variables: variables(marked.variables),
    image: image === null ? null : { ...image, name: refer('image', image.name, marked.image?.name) },
    artifacts:
      artifacts === null
        ? null
        : { ...artifacts, paths: list('artifacts', artifacts.paths, marked.artifacts?.paths) },
    ...(command === undefined
      ? {}
      : {
          command: {
            program:
              command.program === null
                ? null
                : refer('script', command.program, marked.command?.program ?? undefined),
            arguments:
              command.arguments === null
                ? null
                : list('script', command.arguments, marked.command?.arguments ?? undefined),
          },
        }),
    ...(sharedWorkspace === undefined
      ? {}
      : {
          sharedWorkspace: {
            ...sharedWorkspace,
            folder: refer('script', sharedWorkspace.folder, marked.sharedWorkspace?.folder),
          },
        }),
  };
}

function reference({ variable, value }: Mark): TextPart {
  return { name: variable, value };
}

/** The text at its marks. `marks`: the longer first. */
function split(text: string, marks: readonly Mark[]): readonly (string | Mark)[] {
  const byMark = new Map(marks.map((mark) => [mark.mark, mark]));
  const any = new RegExp(marks.map(({ mark }) => mark.replace(/[.*+?^${}()|[\]\\]/g, '\\$&')).join('|'), 'g');
  const parts: (string | Mark)[] = [];
  let from = 0;
  for (const match of text.matchAll(any)) {
    const mark = byMark.get(match[0]);
    if (mark === undefined) continue;
    if (match.index > from) parts.push(text.slice(from, match.index));
    parts.push(mark);
    from = match.index + match[0].length;
  }
  if (from < text.length) parts.push(text.slice(from));
  return parts;
}
