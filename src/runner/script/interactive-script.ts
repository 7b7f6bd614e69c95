import { quoteForShell } from '../../base/quote-for-shell.ts';

export interface InteractiveContent {
  /** In the order in which they are exported. */
  readonly variables: ReadonlyMap<string, string>;
  readonly projectDir: string;
  /** What the prompt says; any text. */
  readonly name: string;
  /** What kind of terminal the person has; null: none. */
  readonly terminalType: string | null;
  /** A program and its arguments to run instead of a shell for the person. */
  readonly command: readonly string[] | null;
}

/**
 * The shell script that steps into a job: its variables, its folder, and then the person's command, or a shell. The
 * shell reads no start-up files, as a job's shell reads none: a person finds what the script found.
 */
export function interactiveScript(content: InteractiveContent): string {
  const { variables, projectDir, terminalType, command } = content;
  return [
    ...[...variables].map(([name, value]) => `export ${name}=${quoteForShell(value)}`),
    ...(terminalType === null ? [] : [`export TERM=${quoteForShell(terminalType)}`]),
    `cd ${quoteForShell(projectDir)}`,
    ...(command === null ? shellLines(content.name) : [`exec ${command.map(quoteForShell).join(' ')}`]),
    '',
  ].join('\n');
}

/** bash where there is one, else the sh that there always is; each has its own language for prompts. */
function shellLines(name: string): readonly string[] {
  const shown = promptText(name);
  return [
    'if command -v bash >/dev/null 2>&1; then',
    `  export PS1=${quoteForShell(`[${shown}] \\w \\$ `)}`,
    '  exec bash --norc -i',
    'fi',
    `export PS1=${quoteForShell(`[${shown}] $ `)}`,
    'exec sh -i',
  ];
}

/** A prompt is a small program to the shell: no character is let through that means something in one. */
function promptText(name: string): string {
  return name.replaceAll(/[^\p{L}\p{N} ._:,/@+=[\]-]/gu, '?').slice(0, 60);
}
