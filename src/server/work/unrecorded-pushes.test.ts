import { expect, test } from 'vitest';
import type { Push } from '../git/index.ts';
import { rememberUnrecorded } from './unrecorded-pushes.ts';

const push: Push = {
  project: { id: 1, path: 'team/app' },
  user: null,
  updates: [],
  options: { skip: false, variables: new Map(), inputs: new Map() },
};

test('pushes that could not be recorded are looked for until that has succeeded, and then no more', async () => {
  let isAway = true;
  const looks: boolean[] = [];
  const { receiver, catchUp } = rememberUnrecorded({
    async pushed() {
      if (isAway) throw new Error('the disk is full');
      return [];
    },
  });
  const look = async () => {
    looks.push(!isAway);
    if (isAway) throw new Error('it still is');
  };
  await catchUp(look);
  expect(looks).toEqual([]);
  await expect(receiver.pushed(push)).rejects.toThrow('the disk is full');
  await expect(catchUp(look)).rejects.toThrow('it still is');
  isAway = false;
  await receiver.pushed(push);
  await catchUp(look);
  await catchUp(look);
  expect(looks).toEqual([false, true]);
});
