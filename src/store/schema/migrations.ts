import type { ColumnTypes } from '../sql/dialect.ts';
import { projects } from './0001-projects.ts';
import { pipelines } from './0002-pipelines.ts';
import { work } from './0003-work.ts';
import { tests } from './0004-tests.ts';
import { lists } from './0005-lists.ts';
import { sshKeys } from './0006-ssh-keys.ts';
import { places } from './0007-places.ts';
import { offers } from './0008-offers.ts';
import { processes } from './0009-processes.ts';

export interface Migration {
  readonly name: string;
  statements(types: ColumnTypes): readonly string[];
}

/** In the order they are applied. One that has been released is never changed: what is wrong in it, a later one mends. */
export const MIGRATIONS: readonly Migration[] = [
  projects,
  pipelines,
  work,
  tests,
  lists,
  sshKeys,
  places,
  offers,
  processes,
];

/** The schema that this program makes of every database. */
export const SCHEMA = MIGRATIONS.length;
