import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { expect, it } from 'vitest';
import { currentOwner, isDead, ownerFromLabels, ownerLabels } from './ownership.ts';

it('an owner survives being written in labels', async () => {
  const owner = await currentOwner();
  expect(ownerFromLabels(ownerLabels(owner, 'run'))).toEqual(owner);
});

it.each([[null], [{}], [{ 'dev.slipway.owner-pid': 'x', 'dev.slipway.owner-start': '1' }]])(
  'labels %j name no owner',
  (labels: Record<string, string> | null) => {
    expect(ownerFromLabels(labels)).toBeNull();
  },
);

it('a living process is not dead, and is once it has ended', async () => {
  const owner = await currentOwner();
  expect(await isDead(owner)).toBe(false);
  const child = spawn('true');
  const { pid = 0 } = child;
  await once(child, 'exit');
  expect(await isDead({ ...owner, pid })).toBe(true);
});

it('another process under the same id does not count', async () => {
  const owner = await currentOwner();
  expect(await isDead({ ...owner, start: '1' })).toBe(true);
});

it('an owner from before the machine started is dead; one in another namespace is not ours to judge', async () => {
  const owner = await currentOwner();
  const [boot] = owner.world.split('/');
  expect(await isDead({ ...owner, world: 'another-boot/pid:[1]' })).toBe(true);
  expect(await isDead({ ...owner, pid: 1_000_000_000, world: `${boot}/pid:[1]` })).toBe(false);
});
