import { homedir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { stateFolders } from './state-folders.ts';

test.each([
  ['by HOME', { HOME: '/home/ada' }, '/home/ada/.local/state/slipway/scratch'],
  ['by XDG_STATE_HOME', { HOME: '/home/ada', XDG_STATE_HOME: '/state' }, '/state/slipway/scratch'],
  ['not by an empty one', { HOME: '/h', XDG_STATE_HOME: '' }, '/h/.local/state/slipway/scratch'],
  ['not by a relative one', { HOME: '/h', XDG_STATE_HOME: 'x' }, '/h/.local/state/slipway/scratch'],
  ['by the account without HOME', {}, join(homedir(), '.local/state/slipway/scratch')],
])('state lies outside of the project, %s', (_, environment, scratch) => {
  expect(stateFolders('/project', environment).scratch).toBe(scratch);
});
