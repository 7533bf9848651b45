import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from '@jest/globals';
import { OWN_REASONS } from '../../azure/reasons.ts';

const ROOT = join(import.meta.dirname, '../..');
/** The table itself, and what only compares with it. */
const NAMES_ALL = ['azure/reasons.ts', 'activities/resource/status.ts', 'azure/errors-page.ts'];

const texts = ['activities', 'azure', 'workflows', 'kinds/quirks'].flatMap((room) =>
  readdirSync(join(ROOT, room), { recursive: true, encoding: 'utf8' })
    .map((file) => join(room, file))
    .filter((path) => path.endsWith('.ts') && !NAMES_ALL.includes(path))
    .map((path) => readFileSync(join(ROOT, path), 'utf8')),
);

// The other way round the compiler sees to it: `StepError`, `ownError`, `notReady` and `Wait` take no other reason.
it.each(OWN_REASONS.map(({ code }) => code))('%s is thrown or written somewhere', (code) => {
  expect(texts.some((text) => text.includes(`'${code}'`))).toBe(true);
});
