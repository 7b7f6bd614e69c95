import { expect, it } from 'vitest';
import { currentOwner } from '../owner/process-owner.ts';
import { ownerFromLabels, ownerLabels } from './ownership.ts';

it('an owner survives being written in labels', () => {
  const owner = currentOwner();
  expect(ownerFromLabels(ownerLabels(owner, 'run'))).toEqual(owner);
});

it.each([[null], [{}], [{ 'dev.slipway.owner-pid': 'x', 'dev.slipway.owner-start': '1' }]])(
  'labels %j name no owner',
  (labels: Record<string, string> | null) => {
    expect(ownerFromLabels(labels)).toBeNull();
  },
);
