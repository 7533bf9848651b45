import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';

import { allShapes } from '../support/all-shapes.ts';
import { arbitraryAnswer, CANARY } from '../support/arbitrary-answer.ts';

const seed = Number(process.env['FAST_CHECK_SEED'] ?? 42);
const answers = allShapes().flatMap((known) =>
  fc
    .sample(arbitraryAnswer(known), { numRuns: Number(process.env['FAST_CHECK_RUNS'] ?? 1), seed })
    .map((answer) => ({ known, answer, status: known.shape.status(answer) })),
);

describe('status of every kind at every api-version, from an answer as its types allow it', () => {
  it('holds no secret: neither what types or row call one, nor what nothing is known of', () => {
    expect(answers.filter(({ answer }) => JSON.stringify(answer).includes(CANARY)).length).toBeGreaterThan(400);
    const leaking = answers.filter(({ status }) => JSON.stringify(status).includes(CANARY));
    expect(
      leaking.map(({ known, status }) => `seed ${String(seed)} ${known.id} ${pathsTo(status, '').join(' ')}`),
    ).toEqual([]);
  });

  it('never has a field named `conditions`: that is ours', () => {
    expect(answers.filter(({ status }) => 'conditions' in status)).toEqual([]);
  });
});

function pathsTo(value: unknown, path: string): string[] {
  if (typeof value === 'string') return value.includes(CANARY) ? [path] : [];
  if (typeof value !== 'object' || value === null) return [];
  return Object.entries(value).flatMap(([name, member]) => pathsTo(member, `${path}.${name}`));
}
