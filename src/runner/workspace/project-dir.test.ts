import { describe, expect, test } from 'vitest';
import { projectDirIn } from './project-dir.ts';

describe('the folder of a project', () => {
  test('is below the folder of all builds', () => {
    expect(projectDirIn('/builds', 'group/sub/project')).toBe('/builds/group/sub/project');
  });

  test.each(['', '/', 'a//b', '../a', 'a/..', 'a/./b', '/a', 'a/'])('%j leads nowhere', (path) => {
    expect(() => projectDirIn('/builds', path)).toThrow('Not a project');
  });
});
