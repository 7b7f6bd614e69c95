import { describe, expect, test } from 'vitest';
import { durationError, parseDuration } from '../../base/duration.ts';
import { expandVariables } from '../../base/expand-variables.ts';
import { compileGlob } from '../../base/glob.ts';
import { slugify } from '../../base/slug.ts';
import durations from './tables/durations.json' with { type: 'json' };
import expansions from './tables/expand_variables.json' with { type: 'json' };
import slugs from './tables/ref_slug.json' with { type: 'json' };
import globs from './tables/rules_changes_glob.json' with { type: 'json' };

/** Truth tables made by GitLab's own code: what the small pieces of `base` must agree with. */
describe('durations', () => {
  test.each(durations)('"$text"', (row) => {
    expect(parseDuration(row.text)).toBe(row.seconds ?? null);
    expect(durationError(row.text) !== null).toBe(row.error !== undefined);
  });
});

describe('variable expansion', () => {
  const variables: ReadonlyMap<string, string> = new Map(Object.entries(expansions.variables));
  const lookup = (name: string) => variables.get(name) ?? null;

  test.each(expansions.rows)('$text', (row) => {
    expect(expandVariables(row.text, lookup, 'empty')).toBe(row.expand);
    expect(expandVariables(row.text, lookup, 'keep')).toBe(row.expand_existing);
  });
});

describe('ref slugs', () => {
  test.each(Object.entries(slugs))('%s becomes "%s"', (name, slug) => {
    expect(slugify(name)).toBe(slug);
  });
});

describe('globs of rules:changes', () => {
  test.each(Object.entries(globs.matches))('%s', (pattern, paths: readonly string[]) => {
    const glob = compileGlob(pattern);
    expect(globs.paths.filter((path) => glob.matches(path))).toEqual(paths);
  });
});
