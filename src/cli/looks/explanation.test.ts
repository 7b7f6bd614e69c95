import picocolors from 'picocolors';
import { expect, it } from 'vitest';
import type { JobExplanation } from '../../config/index.ts';
import { explanationText } from './explanation.ts';

const place = (line: number, file = '.gitlab-ci.yml') => ({
  file,
  line,
  column: 1,
  endLine: line,
  endColumn: 2,
});

const explained: JobExplanation = {
  name: 'deploy',
  instances: [],
  place: place(20),
  included: false,
  reason: 'No rule applies.',
  workflow: null,
  rules: [
    {
      place: place(22),
      matches: false,
      fault: null,
      when: 'manual',
      if: {
        text: '$CI_COMMIT_TAG && $A == "x"',
        result: false,
        clauses: [
          { text: '$CI_COMMIT_TAG', variables: [{ name: 'CI_COMMIT_TAG', value: null }], result: false },
          { text: '$A == "x"', variables: [{ name: 'A', value: 'y\u001b[2J' }], result: null },
        ],
      },
      changes: null,
      exists: null,
    },
    {
      place: place(24),
      matches: true,
      fault: null,
      when: 'never',
      if: null,
      changes: { patterns: ['src/**/*'], matches: true, paths: ['src/a.ts'], remark: null },
      exists: { patterns: ['Dockerfile'], matches: true, paths: [], remark: 'too-many-comparisons' },
    },
    { place: place(26), matches: null, fault: null, when: null, if: null, changes: null, exists: null },
  ],
  policy: null,
  keys: [
    { key: 'script', value: ['make deploy'], place: place(21), via: [], keys: [] },
    {
      key: 'image',
      value: 'alpine:3',
      place: place(3, 'ci/base.yml'),
      via: [{ kind: 'extends', name: '.base', place: place(20) }],
      keys: [],
    },
  ],
  variables: [
    { name: 'CI', value: 'true', level: 'predefined', overridden: false },
    { name: 'A', value: 'x', level: 'root', overridden: true },
    { name: 'A', value: 'y', level: 'pipeline', overridden: false },
  ],
};

it('tells each rule with what it saw, and where each key comes from', () => {
  expect(
    explanationText(explained, picocolors.createColors(false)),
  ).toBe(`deploy  ✗ not in the pipeline  .gitlab-ci.yml:20
  No rule applies.

rules
  ✗ if: $CI_COMMIT_TAG && $A == "x", when: manual  .gitlab-ci.yml:22
      ✗ $CI_COMMIT_TAG  $CI_COMMIT_TAG is not set
      · $A == "x"  $A is "y\\u001b[2J"
  ✓ changes and exists, when: never  .gitlab-ci.yml:24
      ✓ changes: src/**/*  src/a.ts
      ✓ exists: Dockerfile  too many files to compare, so this holds
  · not looked at, an earlier rule applies  .gitlab-ci.yml:26

keys
  script: [make deploy]  .gitlab-ci.yml:21
  image: "alpine:3"      ci/base.yml:3 through extends .base

variables, the later ones win
  and 1 predefined ones, with --json
  root      A = "x"  (overridden)
  pipeline  A = "y"
`);
});

it('tells what only and except saw', () => {
  const text = explanationText(
    {
      ...explained,
      rules: null,
      keys: [],
      variables: [],
      policy: {
        implicit: false,
        only: [
          {
            part: 'refs',
            values: ['tags', '/^v/'],
            holds: false,
            place: place(5),
            ref: { kind: 'branch', name: 'main', source: 'push' },
            expressions: [],
            changes: null,
          },
          {
            part: 'variables',
            values: ['$A', '$B'],
            holds: true,
            place: place(6),
            ref: null,
            expressions: [
              {
                text: '$A',
                result: false,
                clauses: [{ text: '$A', variables: [{ name: 'A', value: null }], result: false }],
              },
              {
                text: '$B',
                result: true,
                clauses: [{ text: '$B', variables: [{ name: 'B', value: 'x' }], result: true }],
              },
            ],
            changes: null,
          },
        ],
        except: [
          {
            part: 'changes',
            values: ['src/*'],
            holds: true,
            place: place(7),
            ref: null,
            expressions: [],
            changes: { patterns: ['src/*'], matches: true, paths: [], remark: 'no-diff-known' },
          },
        ],
      },
    },
    picocolors.createColors(false),
  );
  expect(text).toBe(`deploy  ✗ not in the pipeline  .gitlab-ci.yml:20
  No rule applies.

only and except
  ✗ only refs: tags, /^v/  .gitlab-ci.yml:5
      branch main, source push
  ✓ only variables: $A, $B  .gitlab-ci.yml:6
      ✗ $A
          $A is not set
      ✓ $B
          $B is "x"
  ✗ except changes: src/*  .gitlab-ci.yml:7
      ✓ changes: src/*  it is not known what changed, so this holds
`);
});
