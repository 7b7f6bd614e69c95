/** What a shell offers for a value: told by what the value is called in the help. */
export function completes(what: {
  readonly value: string | null;
  readonly choices: readonly string[];
}): 'choices' | 'jobs' | 'revisions' | 'files' | 'folders' | 'nothing' {
  if (what.choices.length > 0) return 'choices';
  switch (what.value?.replace(/\.\.\.$/, '').toUpperCase()) {
    case 'JOB':
      return 'jobs';
    case 'BASE':
    case 'HEAD':
    case 'BRANCH':
      return 'revisions';
    case 'FILE':
      return 'files';
    case 'FOLDER':
      return 'folders';
    default:
      return 'nothing';
  }
}
