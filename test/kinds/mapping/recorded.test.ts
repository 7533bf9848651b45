import { describe, expect, it } from '@jest/globals';
import { baselineOf, driftFrom } from '../../../kinds/mapping/baseline.ts';
import type { Difference, Json } from '../../../kinds/contract.ts';
import { loadKinds } from '../../../kinds/load.ts';
import { loadWireChecks } from '../../../simulator/body-check/wire-load.ts';
import { exchanges, isBusy } from '../support/recordings.ts';

const kinds = loadKinds();
const checks = loadWireChecks();

/** What Azure's first answer differs in: settled by the baseline, and not sent again. */
const AT_ONCE: Readonly<Record<string, string>> = {
  'MongodbDatabase location is not answered': 'a child has none',
  'MongodbDatabase properties.options is not answered': 'said at creation only',
  'MongodbDatabaseCollection location is not answered': 'a child has none',
  'MongodbDatabaseCollection properties.options is not answered': 'said at creation only',
  'MongodbDatabaseCollection properties.resource.indexes[0].options is not answered': 'Azure leaves it out',
  'Namespace properties.zoneRedundant': 'zones come by themselves where there are some',
  'Vault properties.enableSoftDelete': 'no longer to be switched off',
};

/** As the operator's own digest: of the value alone. */
const digestOf = (value: Json): string => JSON.stringify(value);

describe('what ASO was recorded to send and Azure to answer', () => {
  const all = exchanges();
  const compared = all.flatMap(({ name, armType, apiVersion, sent, answers }) => {
    const kind = kinds.all().find((one) => one.armType.toLowerCase() === armType.toLowerCase());
    if (!kind?.apiVersions.includes(apiVersion)) return [];
    const shape = kinds.shape(kind, apiVersion);
    const seen = answers.filter((answer) => !isBusy(answer)).map((answer) => shape.differences(sent, answer));
    return [{ name, kind, seen }];
  });

  it('passes the check, each body', () => {
    expect(all.length).toBeGreaterThan(60);
    const refused = all.filter((one) => checks.problems({ ...one, body: one.sent })?.length !== 0);
    expect(refused.map(({ name }) => name)).toEqual([]);
  });

  it('is no drift in any answer after the first, which is the baseline', () => {
    expect(compared.filter(({ seen }) => seen.length > 1).length).toBeGreaterThan(30);
    const drifted = compared.flatMap(({ name, seen: [first = [], ...later] }) =>
      later.flatMap((differences) =>
        driftFrom(baselineOf(first, digestOf), differences, digestOf).map(({ path }) => `${name} ${path}`),
      ),
    );
    expect([...new Set(drifted)]).toEqual([]);
  });

  it('differs at once only where Azure knows better, or does not answer', () => {
    const at = compared.flatMap(({ kind, seen: [first = []] }) =>
      first.map(({ path, actual }) => `${kind.kind} ${path}${actual === undefined ? ' is not answered' : ''}`),
    );
    expect([...new Set(at)].sort()).toEqual(Object.keys(AT_ONCE).sort());
  });

  it('differs in a value of the baseline that moved, in each', () => {
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
