import { readProjectPath } from '../project-path.ts';

export type SshCommand =
  | { readonly kind: 'git'; readonly service: 'upload-pack' | 'receive-pack'; readonly project: string }
  /** git's command, but for no project that there can be. */
  | { readonly kind: 'no-project' }
  /** Anything else. */
  | { readonly kind: 'unknown' };

/**
 * What a client of git asks for over SSH: `git-upload-pack '/group/name.git'`, in the one form in which git writes it.
 * Nothing here is ever given to a shell, and only the project's path is used further.
 */
export function readSshCommand(command: string): SshCommand {
  if (command.length > MAX_COMMAND) return { kind: 'unknown' };
  const [, service, quoted = ''] = COMMAND.exec(command) ?? [];
  if (service !== 'upload-pack' && service !== 'receive-pack') return { kind: 'unknown' };
  const project = readProjectPath(
    quoted
      .replace(/^\//, '')
      .replace(/\/$/, '')
      .replace(/\.git$/, ''),
  );
  return project === null ? { kind: 'no-project' } : { kind: 'git', service, project };
}

const MAX_COMMAND = 8_000;
const COMMAND = /^git[- ](upload-pack|receive-pack) '([^']*)'$/;
