import { describe, expect, it } from '@jest/globals';
import type { Difference, Json } from '../../../kinds/contract.ts';
import { loadKinds } from '../../../kinds/load.ts';
import { baselineOf, driftFrom } from '../../../kinds/mapping/baseline.ts';
import { checkBody } from '../../../simulator/body-check/check-body.ts';
import { TypeFacts } from '../../../simulator/type-facts.ts';
import { exchanges, isBusy } from '../support/recordings.ts';

const kinds = loadKinds();
const types = new TypeFacts();

/** The differences of the first answer, which become the baseline. */
const AT_ONCE: Readonly<Record<string, string>> = {
  'MongodbDatabase location is not answered': 'a child has none',
  'MongodbDatabase properties.options is not answered': 'said at creation only',
  'MongodbDatabaseCollection location is not answered': 'a child has none',
  'MongodbDatabaseCollection properties.options is not answered': 'said at creation only',
  'MongodbDatabaseCollection properties.resource.indexes[0].options is not answered': 'Azure leaves it out',
  'Namespace properties.zoneRedundant': 'zones come by themselves where there are some',
  'Vault properties.enableSoftDelete': 'no longer to be switched off',
};

/** Like the digest of the operator, it depends on the value alone. */
const digestOf = (value: Json): string => JSON.stringify(value);

describe('recorded payloads of ASO and answers of Azure', () => {
  const all = exchanges();
  const compared = all.flatMap(({ name, armType, apiVersion, sent, answers }) => {
    const kind = kinds.all().find((one) => one.armType.toLowerCase() === armType.toLowerCase());
    if (!kind?.apiVersions.includes(apiVersion)) return [];
    const shape = kinds.shape(kind, apiVersion);
    const seen = answers.filter((answer) => !isBusy(answer)).map((answer) => shape.differences(sent, answer));
    return [{ name, kind, seen }];
  });

  it('every body passes the check', () => {
    expect(all.length).toBeGreaterThan(60);
    const refused = all.filter((one) => checkBody(types, { ...one, body: one.sent })?.length !== 0);
    expect(refused.map(({ name }) => name)).toEqual([]);
  });

  it('no answer after the first, which is the baseline, has drift', () => {
    expect(compared.filter(({ seen }) => seen.length > 1).length).toBeGreaterThan(30);
    const drifted = compared.flatMap(({ name, seen: [first = [], ...later] }) =>
      later.flatMap((differences) =>
        driftFrom(baselineOf(first, digestOf), differences, digestOf).map(({ path }) => `${name} ${path}`),
      ),
    );
    expect([...new Set(drifted)]).toEqual([]);
  });

  it('the first answer differs only where Azure sets a value or answers none', () => {
    const at = compared.flatMap(({ kind, seen: [first = []] }) =>
      first.map(({ path, actual }) => `${kind.kind} ${path}${actual === undefined ? ' is not answered' : ''}`),
    );
    expect([...new Set(at)].sort()).toEqual(Object.keys(AT_ONCE).sort());
  });

  it('a value of the baseline that changes is drift, in each answer', () => {
    const moved = compared.flatMap(({ seen: [first = []] }) => {
      const baseline = baselineOf(first, digestOf);
      return first.filter((difference) => {
        const other: Difference = { path: difference.path, actual: 'moved' };
        return driftFrom(baseline, [other], digestOf).length !== 1;
      });
    });
    expect(moved).toEqual([]);
  });
});
