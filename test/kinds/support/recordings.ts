import { readFileSync, readdirSync } from 'node:fs';

import { parse } from 'yaml';

import type { JsonObject } from '../../../kinds/contract.ts';
import { isObject } from '../../../kinds/json.ts';

const folder = new URL('../../data/recordings/', import.meta.url);

interface Interaction {
  readonly request: { readonly method: string; readonly url: string; readonly body: string };
  readonly response: { readonly code: number; readonly body: string };
}

/** A body that ASO sent, and what Azure answered to a later GET. */
export interface Exchange {
  readonly name: string;
  readonly armType: string;
  readonly apiVersion: string;
  readonly sent: JsonObject;
  readonly answers: JsonObject[];
}

/** All recorded exchanges, in their order. */
export function exchanges(): Exchange[] {
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

/** Whether an operation of Azure is still running on it. */
export function isBusy({ properties }: JsonObject): boolean {
  const state = isObject(properties) ? properties['provisioningState'] : undefined;
  return typeof state === 'string' && !['succeeded', 'failed', 'canceled'].includes(state.toLowerCase());
}
