import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { expect, it } from 'vitest';
import { currentOwner, isDead } from './process-owner.ts';

it('a living process is not dead, and is once it has ended', async () => {
  const owner = currentOwner();
  expect(isDead(owner)).toBe(false);
  const child = spawn('true');
  const { pid = 0 } = child;
  await once(child, 'exit');
  expect(isDead({ ...owner, pid })).toBe(true);
});

it('another process under the same id does not count', () => {
  expect(isDead({ ...currentOwner(), start: '1' })).toBe(true);
});

it('an owner from before the machine started is dead', () => {
  expect(isDead({ ...currentOwner(), boot: 'other', namespace: 'other' })).toBe(true);
});

it('an owner in another namespace is not ours to judge', () => {
  expect(isDead({ ...currentOwner(), pid: 1_000_000_000, namespace: 'other' })).toBe(false);
});

it('an owner whose start nobody could read is alive while its id is in use', () => {
  expect(isDead({ ...currentOwner(), start: '0' })).toBe(false);
});
