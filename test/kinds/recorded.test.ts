import { readFileSync, readdirSync } from 'node:fs';

import { describe, expect, it } from '@jest/globals';
import { parse } from 'yaml';

import { baselineOf, driftFrom } from '../../kinds/baseline.ts';
import type { Difference, Json, JsonObject } from '../../kinds/contract.ts';
import { isObject } from '../../kinds/json.ts';
import { loadKinds } from '../../kinds/load.ts';
import { loadWireChecks } from '../../kinds/wire-load.ts';

const folder = new URL('../data/recordings/', import.meta.url);
const kinds = loadKinds();
const checks = loadWireChecks();

interface Interaction {
  readonly request: { readonly method: string; readonly url: string; readonly body: string };
  readonly response: { readonly code: number; readonly body: string };
}

/** A body that ASO sent, and what Azure answered to a GET later. */
interface Exchange {
  readonly name: string;
  readonly armType: string;
  readonly apiVersion: string;
  readonly sent: JsonObject;
  readonly answers: JsonObject[];
}

function exchanges(): Exchange[] {
  return readdirSync(folder).flatMap((file) => {
    const { interactions } = parse(readFileSync(new URL(file, folder), 'utf8')) as { interactions: Interaction[] };
    const latest = new Map<string, Exchange>();
    return interactions.flatMap(({ request, response }): Exchange[] => {
      const url = new URL(request.url);
      const key = url.pathname.toLowerCase();
      if (request.method === 'GET' && response.code === 200 && response.body.startsWith('{'))
        latest.get(key)?.answers.push(JSON.parse(response.body) as JsonObject);
      if (request.method !== 'PUT') return [];
      const sent = JSON.parse(request.body) as JsonObject;
      const apiVersion = url.searchParams.get('api-version') ?? '';
      const made = { name: `${file} ${key}`, armType: typeOf(url.pathname), apiVersion, sent, answers: [] };
      latest.set(key, made);
      return [made];
    });
  });
}

function typeOf(path: string): string {
  const [, resource] = path.split('/providers/');
  if (resource === undefined) return 'Microsoft.Resources/resourceGroups';
  const [namespace = '', ...steps] = resource.split('/');
  return [namespace, ...steps.filter((_, index) => index % 2 === 0)].join('/');
}

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

function isBusy({ properties }: JsonObject): boolean {
  const state = isObject(properties) ? properties['provisioningState'] : undefined;
  return typeof state === 'string' && !['succeeded', 'failed', 'canceled'].includes(state.toLowerCase());
}

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
