import { describe, expect, test } from 'vitest';
import { environmentSlug, slugify } from './slug.ts';

describe('slugify', () => {
  test.each([
    ['main', 'main'],
    ['feature/Login_Page', 'feature-login-page'],
    ['--', ''],
    [`${'x'.repeat(62)}-y`, 'x'.repeat(62)],
  ])('%s becomes "%s"', (name, slug) => {
    expect(slugify(name)).toBe(slug);
  });
});

describe('environmentSlug', () => {
  test.each([
    ['production', 'production'],
    ['staging', 'staging'],
    ['review/feature', 'review-feature-3v0q3s'],
    ['1', 'env-1-x3mbm3'],
    ['Prod', 'prod-njlta9'],
    ['x'.repeat(32), 'xxxxxxxxxxxxxxxxx-a1y8n3'],
  ])('%s becomes %s', (name, slug) => {
    expect(environmentSlug(name)).toBe(slug);
  });

  test('never passes 24 characters and always starts with a letter', () => {
    for (const name of ['x'.repeat(80), `${'ab-'.repeat(20)}`, '9/9/9', '-', 'ÄÖÜ', 'a'.repeat(24)]) {
      expect(environmentSlug(name)).toMatch(/^[a-z][a-z0-9-]{0,23}$/);
    }
  });

  test('names that look alike get different slugs', () => {
    expect(environmentSlug('review/a')).not.toBe(environmentSlug('review-a'));
  });
});
