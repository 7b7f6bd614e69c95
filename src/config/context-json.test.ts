import fc from 'fast-check';
import { expect, test } from 'vitest';
import { contextFromJson } from './context-json.ts';

test('everything may be left out', () => {
  const { context, problems } = contextFromJson({});
  expect(problems).toEqual([]);
  expect(context).toMatchObject({
    source: 'push',
    ref: { name: 'main', kind: 'branch', protected: true },
    project: { path: 'group/project', defaultBranch: 'main' },
    changedFiles: null,
    mergeRequest: null,
    ignoreSkipCi: false,
  });
});

test('a tag takes the place of the ref', () => {
  expect(contextFromJson({ ref: 'main', tag: 'v1' }).context.ref).toMatchObject({ name: 'v1', kind: 'tag' });
});

test('in a merge request the ref is the source branch', () => {
  const { context } = contextFromJson({
    ref: 'topic',
    source: 'merge_request_event',
    default_branch: 'trunk',
  });
  expect(context.mergeRequest).toMatchObject({ sourceBranch: 'topic', targetBranch: 'trunk' });
});

test('a variable is a text or says more about itself', () => {
  const { context } = contextFromJson({
    project_variables: { A: 'a', N: 1, S: { value: 's', masked: true } },
  });
  expect(context.projectVariables).toEqual({
    A: { value: 'a', expand: true, masked: false, file: false },
    N: { value: '1', expand: true, masked: false, file: false },
    S: { value: 's', expand: true, masked: true, file: false },
  });
});

test.each<[unknown, string]>([
  [[], 'the context must be an object'],
  [{ ref: 1 }, 'ref must be a text'],
  [{ source: 'pushed' }, 'source must be one of push, web'],
  [{ changed_files: ['a', 1] }, 'changed_files must be a list of paths'],
  [{ inputs: [] }, 'inputs must be an object'],
  [{ project_variables: { A: [] } }, 'project_variables.A must be an object'],
  [{ pipeline_variables: { A: { masked: true } } }, 'pipeline_variables.A needs a text as its value'],
  [{ branch: 'main' }, 'unknown key branch'],
])('%j is refused', (json, message) => {
  const { problems } = contextFromJson(json);
  expect(problems.map((problem) => problem.message).join('\n')).toContain(message);
  expect(problems.every((problem) => problem.code === 'invalid-context')).toBe(true);
});

test('whatever the JSON is, there is a context', () => {
  fc.assert(
    fc.property(fc.jsonValue(), (json) => {
      expect(contextFromJson(json).context.ref.name).toEqual(expect.any(String));
    }),
  );
});
