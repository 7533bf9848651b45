import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';

import { baselineOf, driftFrom, type DigestOf } from '../../../kinds/mapping/baseline.ts';
import type { Json, JsonObject } from '../../../kinds/contract.ts';
import { MOST_DIFFERENCES } from '../../../kinds/mapping/differences.ts';
import { allShapes, type Known } from '../support/all-shapes.ts';
import { arbitrarySpec } from '../support/arbitrary-spec.ts';
import { asAzureTells, type Teller, type Told } from '../support/as-azure-tells.ts';

const seed = Number(process.env['FAST_CHECK_SEED'] ?? 42);
const payloads = allShapes().flatMap((known) =>
  fc
    .sample(arbitrarySpec(known.shape.specSchema(), known.node), {
      numRuns: Number(process.env['FAST_CHECK_RUNS'] ?? 1),
      seed,
    })
    .map((spec) => {
      const values = known.shape
        .inputs(spec)
        .map(({ path, type }) => [path, type === 'secretMap' ? { a: 'secret' } : `/Some/Id-${path}`] as const);
      return { known, payload: known.shape.payload({ spec, name: 'the-name', inputs: new Map(values) }) };
    }),
);

const echo: Teller = { leaf: ({ value }) => value, list: (items) => items, extra: {} };

/** The same, in Azure's spelling. */
const inOtherWords: Teller = {
  leaf: ({ value, isFree, isHidden, path }) => {
    if (isHidden) return '******';
    if (isFree) return value;
    if (typeof value === 'number') return String(value);
    if (typeof value === 'boolean') return value ? 'True' : 'False';
    if (typeof value !== 'string') return value;
    return /location(name)?(\[\d+\])?$/i.test(path) ? ` ${value.toUpperCase()}` : value.toUpperCase();
  },
  list: (items) => items.toReversed(),
  extra: { addedByAzure: 'x' },
};

function drifts(known: Known, payload: JsonObject, teller: Teller): string[] {
  return known.shape
    .differences(payload, asAzureTells(known, payload, teller))
    .map(({ path }) => `${known.id} ${path}`);
}

describe('differences of every kind at every api-version', () => {
  it('is none where the answer is what was sent', () => {
    expect(payloads.flatMap(({ known, payload }) => known.shape.differences(payload, payload))).toEqual([]);
    expect(payloads.flatMap(({ known, payload }) => drifts(known, payload, echo))).toEqual([]);
  });

  it('is none where Azure only spells it otherwise: case, numbers as text, order, more fields, secrets masked', () => {
    expect(payloads.flatMap(({ known, payload }) => drifts(known, payload, inOtherWords))).toEqual([]);
  });

  it('is the path of a value that differs, and no other', () => {
    const wrong = payloads.flatMap(({ known, payload }, index) => {
      const leaves: Told[] = [];
      asAzureTells(known, payload, { ...echo, leaf: (told) => (leaves.push(told), told.value) });
      const visible = leaves.filter(
        ({ isHidden, isAlone, path, value }) =>
          !isHidden && value !== null && path !== 'name' && !/(provisioningState|etag)$/i.test(path) && isAlone,
      );
      const chosen = visible[index % Math.max(1, visible.length)];
      if (!chosen) return [];
      const changed: Teller = {
        ...echo,
        leaf: (told) => (told.path === chosen.path ? another(told.value) : told.value),
      };
      const found = drifts(known, payload, changed);
      return found.length === 1 && found[0] === `${known.id} ${chosen.path}`
        ? []
        : [`${known.id} ${chosen.path}: ${found.join()}`];
    });
    expect([`seed ${String(seed)}`, ...wrong]).toEqual([`seed ${String(seed)}`]);
  });

  it('are no drift where Azure keeps its own values, in whatever order', () => {
    const drifted = payloads.flatMap(({ known, payload }) => {
      const first = asAzureTells(known, payload, normalising);
      const later = asAzureTells(known, payload, { ...normalising, list: (items) => items.toReversed() });
      const baseline = baselineOf(known.shape.differences(payload, first), digestOf);
      expect(Object.keys(baseline).length).toBeLessThanOrEqual(MOST_DIFFERENCES);
      return driftFrom(baseline, known.shape.differences(payload, later), digestOf).map(
        ({ path }) => `${known.id} ${path}`,
      );
    });
    expect(drifted).toEqual([]);
  });

  it('see every list that was emptied, removed, or extended', () => {
    const unseen = payloads.flatMap(({ known, payload }) => {
      const changes: [string, (items: Json[]) => Json[]][] = [
        ['emptied', () => []],
        ['extended', (items) => [...items, { addedBySomebody: 'x' }]],
      ];
      return changes.flatMap(([what, list]) => {
        let lists = 0;
        const counting: Teller = {
          ...echo,
          list: (items, isHidden) => ((lists += items.some((item) => item !== null) && !isHidden ? 1 : 0), list(items)),
        };
        const answer = asAzureTells(known, payload, counting);
        return lists > 0 && known.shape.differences(payload, answer).length === 0 ? [`${known.id} ${what}`] : [];
      });
    });
    expect(unseen).toEqual([]);
  });

  it('name no secret, and hold none', () => {
    const told = payloads.flatMap(({ known, payload }) => {
      const hidden: string[] = [];
      const answer = asAzureTells(known, payload, {
        ...echo,
        leaf: (leaf) => (leaf.isHidden ? (hidden.push(leaf.path), 'canary') : another(leaf.value)),
      });
      const found = known.shape.differences(payload, answer);
      const gone = known.shape.differences(payload, {});
      return [...found, ...gone]
        .filter(({ path, actual }) => hidden.includes(path) || JSON.stringify(actual ?? null).includes('canary'))
        .map(({ path }) => `${known.id} ${path}`);
    });
    expect(told).toEqual([]);
  });
});

const digestOf: DigestOf = (value: Json) => JSON.stringify(value);

/** Says something else wherever it may, but the names. */
const normalising: Teller = {
  ...echo,
  leaf: ({ value, isHidden, path }) => (isHidden || /(^|\.)(name|id|key|type)$/.test(path) ? value : another(value)),
};

function another(value: Json): Json {
  if (typeof value === 'boolean') return !value;
  return typeof value === 'number' ? (value === 1 ? 2 : 1) : `${String(value)}-changed`;
}
