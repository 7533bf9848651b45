import { readFileSync, readdirSync } from 'node:fs';

import { describe, expect, it } from '@jest/globals';
import { parse } from 'yaml';

import type { JsonObject } from '../../kinds/contract.ts';
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

/** What Azure never takes as asked: it is `settled` after one try and not sent again. */
const NEVER_TAKEN: Readonly<Record<string, string>> = {
  'Vault properties.enableSoftDelete': 'no longer to be switched off',
  'Namespace properties.zoneRedundant': 'zones come by themselves where there are some',
};

describe('what ASO was recorded to send and Azure to answer', () => {
  const all = exchanges();

  it('passes the check, each body', () => {
    expect(all.length).toBeGreaterThan(60);
    const refused = all.filter((one) => checks.problems({ ...one, body: one.sent })?.length !== 0);
    expect(refused.map(({ name }) => name)).toEqual([]);
  });

  it('is no drift, each answer, except where Azure knows better', () => {
    const compared = all.flatMap(({ armType, apiVersion, sent, answers }) => {
      const kind = kinds.all().find((one) => one.armType.toLowerCase() === armType.toLowerCase());
      if (!kind?.apiVersions.includes(apiVersion)) return [];
      const shape = kinds.shape(kind, apiVersion);
      return answers.map((answer) => shape.drift(sent, answer).map((path) => `${kind.kind} ${path}`));
    });
    expect(compared.length).toBeGreaterThan(100);
    expect([...new Set(compared.flat())].sort()).toEqual(Object.keys(NEVER_TAKEN).sort());
  });
});
