import type { BuildJob, ImageCommand } from '../../pipeline/index.ts';
import type { Remark } from './conversion.ts';
import { programOf } from './image-programs.ts';
import { partsOf, withValues, writtenParts } from './reference.ts';
import { commandLine, shellWord } from './shell-words.ts';

/** The script of a job: what it does in GitLab's one shell, started where the working copy is. */
export function jobScript(job: BuildJob, remarks: Remark[]): readonly string[] {
  const { command, sharedWorkspace } = job;
  const lines: string[] = [];
  if (sharedWorkspace !== undefined) {
    const { path, folder } = sharedWorkspace;
    if (mentions(job, path)) lines.push(`ln -sfn "$CI_PROJECT_DIR" ${shellWord(path)}`);
    const inside = folder.startsWith(`${path}/`) ? folder.slice(path.length + 1) : folder;
    if (inside !== '.' && inside !== '' && inside !== path) {
      lines.push(`mkdir -p ${folderWord(inside)}`, `cd ${folderWord(inside)}`);
    }
  }
  if (command === undefined) return [...lines, ...job.script.map(writtenLine)];
  return [...lines, commandOf(command, job, remarks)];
}

function commandOf(command: ImageCommand, job: BuildJob, remarks: Remark[]): string {
  const words = command.arguments ?? [];
  if (command.program !== null) return commandLine(command.program, words);
  const image = withValues(job.image?.name ?? '');
  const known = programOf(image);
  if (known !== null && known !== '') return commandLine(known, words);
  const [first, ...others] = words;
  if (first === undefined) {
    const text = `What the image ${image} runs by itself is not known: write it in the place of the line that fails.`;
    remarks.push({ job: job.name, key: 'script', kind: 'dropped', text });
    return `echo ${shellWord(`Write here what ${image} runs.`)} >&2; exit 1`;
  }
  if (known === null) {
    const text = `Whether the image ${image} has a program of its own is not known: if so, write it before these words.`;
    remarks.push({ job: job.name, key: 'script', kind: 'dropped', text });
  }
  return commandLine(first, others);
}

/** `cd -x` would be an option. */
function folderWord(folder: string): string {
  return shellWord(folder.startsWith('-') ? `./${folder}` : folder);
}

/** A line that was made for a shell: its references stand in words, or in single quotes. */
function writtenLine(line: string): string {
  const parts = partsOf(line);
  if (parts.every((part) => typeof part === 'string')) return line;
  let quotes = 0;
  return parts
    .map((part) => {
      if (typeof part !== 'string') {
        const variable = `"${writtenParts([part])}"`;
        return quotes % 2 === 1 ? `'${variable}'` : variable;
      }
      quotes += part.split("'").length - 1;
      return part;
    })
    .join('');
}

/** Whether anything that the job runs or sees may look for the working copy where it stands. */
function mentions({ command, script, variables }: BuildJob, path: string): boolean {
  const texts = [
    command?.program ?? '',
    ...(command?.arguments ?? []),
    ...script,
    ...Object.values(variables).map(({ value }) => value),
  ];
  return texts.some((text) => text.includes(path));
}
