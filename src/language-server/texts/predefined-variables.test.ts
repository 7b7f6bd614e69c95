import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { PREDEFINED_VARIABLES } from './predefined-variables.ts';

it('has a text for every variable of docs/reference/predefined-variables.md, and for no other', () => {
  const page = readFileSync(
    join(import.meta.dirname, '../../../docs/reference/predefined-variables.md'),
    'utf8',
  );
  const rows = page.split('\n').filter((line) => line.startsWith('| `'));
  const listed = rows.flatMap((row) => [...(row.split('|')[1] ?? '').matchAll(/`([A-Z0-9_]+)`/g)]);
  expect(Object.keys(PREDEFINED_VARIABLES).sort()).toEqual(listed.map(([, name]) => name).sort());
});
