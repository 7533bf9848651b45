import { beforeAll, describe, expect, it } from '@jest/globals';

import type { Json } from '../../../kinds/contract.ts';
import { camelCase } from '../../../kinds/mapping/field-names.ts';
import { isSecretMember } from '../../../kinds/mapping/secret-values.ts';
import { allShapes, type Known } from '../support/all-shapes.ts';
import { fullAnswer, variantsOf, type AnswerLeaf, type FullAnswer } from '../support/full-answer.ts';
import { leavesOf } from '../support/wire-leaves.ts';

interface Answered extends FullAnswer {
  readonly known: Known;
  /** The leaves of the status: value -> path. */
  readonly status: ReadonlyMap<Json, string>;
}

describe('everything that the types of an answer know is in the status, for every kind, api-version and variant', () => {
  let answered: readonly Answered[] = [];

  beforeAll(() => {
    answered = allShapes().flatMap((known) =>
      Array.from({ length: variantsOf(known) }, (_, variant): Answered => {
        const full = fullAnswer(known, variant);
        const status = new Map(leavesOf(known.shape.status(full.answer)).map(([path, value]) => [value, path]));
        return { known, ...full, status };
      }),
    );
  });

  it('lacks nothing but what is secret, or looks like it', () => {
    const missing = answered.flatMap(({ known, leaves, status }) =>
      leaves
        .filter((leaf) => !status.has(leaf.value) && !leaf.isHidden && !looksSecret(leaf))
        .map(({ path }) => `${known.id} ${path}`),
    );
    expect([...new Set(missing)]).toEqual([]);
    expect(answered.reduce((count, { leaves }) => count + leaves.length, 0)).toBeGreaterThan(80_000);
  });

  it('has each under the name that Azure gives it, with `properties` in its path or not', () => {
    const elsewhere = answered.flatMap(({ known, leaves, status }) =>
      leaves.flatMap((leaf) => {
        const shown = status.get(leaf.value);
        if (shown === undefined || isNamedLike(known, shown, leaf.path)) return [];
        return [`${known.id} ${leaf.path} is at ${shown}`];
      }),
    );
    expect([...new Set(elsewhere)]).toEqual([]);
  });
});

/** Names of credentials are hidden whatever the types say; see secret-values.ts. */
function looksSecret({ path }: AnswerLeaf): boolean {
  const names = path.split(/[.<>]|\[\]|\{\}/).filter((name) => name !== '');
  return names.some((name) => isSecretMember(name, 'a text')) || names.includes('accessKeys');
}

/** These are not in every path. Free keys are below `additionalProperties` where there are named properties, too. */
const UNNAMED: readonly string[] = ['properties', 'additionalProperties'];

function isNamedLike({ facts }: Known, shown: string, wire: string): boolean {
  const names = [...shown.matchAll(/\."((?:[^"\\]|\\.)*)"/g)].map((match) => match[1] ?? '');
  const ours = names.filter((name) => !UNNAMED.includes(name) && name !== 'aKey');
  const steps = wire.match(/<[^>]*>|[^.<>]+/g) ?? [];
  const named = steps
    .map((step) => (step.startsWith('<') ? camelCase(step.slice(1, -1)) : step.replace(/(\[\]|\{\})+$/, '')))
    .filter((name) => !UNNAMED.includes(name) && name !== '');
  // A property that ASO moves up has no name of its own; one that it renames has another.
  const isFree = facts.all('flatten').length > 0 || facts.all('newName').length > 0;
  return isFree || isSame(ours, named);
}

function isSame(ours: readonly string[], named: readonly string[]): boolean {
  const isLike = (name: string, at: number): boolean =>
    name === named[at] || name === `properties_${named[at]?.toLowerCase() ?? ''}`;
  return ours.length === named.length && ours.every(isLike);
}
