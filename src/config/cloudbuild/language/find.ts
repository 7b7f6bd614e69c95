import type { Fields } from '../../fields/field.ts';
import { fieldFinder } from '../../fields/find-field.ts';
import { BUILD } from './build.ts';

/** The name of the table for a key as it is written: `wait_for` is `waitFor`; null: there is none. */
export function fieldName(key: string, fields: Fields): string | null {
  if (Object.hasOwn(fields, key)) return key;
  const camel = key.replace(/_([a-z0-9])/g, (_, letter: string) => letter.toUpperCase());
  return Object.hasOwn(fields, camel) ? camel : null;
}

export const CLOUDBUILD_FIELDS = fieldFinder(BUILD, fieldName);
