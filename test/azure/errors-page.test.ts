import { readFileSync } from 'node:fs';
import { expect, it } from '@jest/globals';
import { renderErrorsPage } from '../../azure/errors-page.ts';

it('docs/errors.md is up to date (npm run generate)', () => {
  expect(readFileSync('docs/errors.md', 'utf8')).toBe(renderErrorsPage());
});
