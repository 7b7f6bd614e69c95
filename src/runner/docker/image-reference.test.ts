import { describe, expect, it } from 'vitest';
import {
  isDockerInDocker,
  isImageName,
  parseImageReference,
  serviceHostNames,
  withTag,
} from './image-reference.ts';

const DIGEST = `sha256:${'a'.repeat(64)}`;

describe('an image’s name', () => {
  it.each([
    { image: 'python', registry: 'docker.io', name: 'python', tag: null, digest: null },
    { image: 'python:3.7', registry: 'docker.io', name: 'python', tag: '3.7', digest: null },
    { image: 'group/app:1', registry: 'docker.io', name: 'group/app', tag: '1', digest: null },
    { image: 'localhost/app', registry: 'localhost', name: 'localhost/app', tag: null, digest: null },
    { image: 'a.example/app', registry: 'a.example', name: 'a.example/app', tag: null, digest: null },
    { image: 'host:5000/g/app', registry: 'host:5000', name: 'host:5000/g/app', tag: null, digest: null },
    { image: `app:1@${DIGEST}`, registry: 'docker.io', name: 'app', tag: '1', digest: DIGEST },
  ])('$image is taken apart as the engine does', ({ image, ...parts }) => {
    expect(parseImageReference(image)).toEqual(parts);
  });

  it.each([
    ['python', 'python:latest'],
    ['host:5000/app', 'host:5000/app:latest'],
    ['python:3', 'python:3'],
    [`python@${DIGEST}`, `python@${DIGEST}`],
  ])('%s is pulled as %s', (image, pulled) => {
    expect(withTag(image)).toBe(pulled);
  });

  it.each(['python', 'a/b/c:1.2-x', 'Host.example:5000/a__b/c-d:T', `a@${DIGEST}`, 'a:1'])(
    '%s is one',
    (name) => {
      expect(isImageName(name)).toBe(true);
    },
  );

  it.each([
    '',
    ' ',
    'A',
    'a//b',
    '/a',
    'a/',
    '../a',
    'a/../b',
    'a?x=1',
    'a b',
    'a:',
    'a@sha256:1',
    'a\n',
    '-a',
    'a#b',
  ])('%j is none', (name) => {
    expect(isImageName(name)).toBe(false);
  });
});

describe('a service’s host names', () => {
  it.each([
    ['mysql:8', ['mysql']],
    ['tutum/wordpress:latest', ['tutum__wordpress', 'tutum-wordpress']],
    ['registry.example.com:5000/a/b:1', ['registry.example.com__a__b', 'registry.example.com-a-b']],
    [`docker:dind@${DIGEST}`, ['docker']],
  ])('of %s are %j', (image, names) => {
    expect(serviceHostNames(image)).toEqual(names);
  });
});

it.each([
  ['docker:dind', true],
  ['docker:27.1-dind', true],
  ['docker:27.1-dind-rootless', true],
  ['mirror.example:5000/library/docker:dind', true],
  ['docker:latest', false],
  ['docker', false],
  ['mydocker:dind', false],
  ['docker/app:dind', false],
  ['docker:binding', false],
])('%s is Docker in Docker: %s', (image, expected) => {
  expect(isDockerInDocker(image)).toBe(expected);
});
