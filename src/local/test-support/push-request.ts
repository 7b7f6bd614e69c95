import type { ContextRequest } from '../git-context.ts';

/** Asks for the context of a push of the branch that is checked out; `part` says what is otherwise. */
export function pushRequest(repository: string, part: Partial<ContextRequest> = {}): ContextRequest {
  return {
    repository,
    source: 'push',
    ref: null,
    tag: false,
    target: null,
    variables: {},
    inputs: {},
    configPath: '.gitlab-ci.yml',
    now: new Date('2024-05-01T10:00:00Z'),
    ...part,
  };
}
