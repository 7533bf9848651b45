import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from '@jest/globals';
import { ANNOTATIONS } from '../../kube/annotations.ts';
import { ROOT } from './guide.ts';

const PAGE = readFileSync(join(ROOT, 'docs/settings.md'), 'utf8');
const ROOMS = ['azure', 'activities', 'kube', 'kinds', 'watcher', 'worker', 'process', 'dev', 'simulator'];
/** Read by a library or by Node, not by our code. */
const FOREIGN = /^(?:TEMPORAL_(?:ADDRESS|NAMESPACE|API_KEY|TLS|TLS_[A-Z_]*|PROFILE)|KUBECONFIG|NODE_EXTRA_CA_CERTS)$/;

const code = ROOMS.flatMap((room) =>
  readdirSync(join(ROOT, room), { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('.ts'))
    .map((name) => readFileSync(join(ROOT, room, name), 'utf8')),
).join('\n');

/** What looks like a variable in code: `env.NAME`, `'NAME'` with a known beginning, or taken out of process.env. */
const BEGINNINGS =
  'WATCH|AZURE|GENERIC|WORKER|WATCHER|MAX|METRICS|HTTP|POD|LOG|DEFAULT|SIMULATOR|KUBE|KUBEBUILDER|XDG|STACK';
const inCode = new Set([
  ...[...code.matchAll(/\benv(?:ironment)?\.([A-Z][A-Z_]+)\b/g)].map(([, name]) => name),
  ...[...code.matchAll(new RegExp(`'((?:${BEGINNINGS}|TEMPORAL)_[A-Z_]+)'`, 'g'))].map(([, name]) => name),
]);

it.each([...inCode])('docs/settings.md says what %s is', (name) => {
  expect(PAGE).toContain(`\`${name}\``);
});

const inPage = [...PAGE.matchAll(/`([A-Z]+(?:_[A-Z]+)+)`/g)].map(([, name = '']) => name);
it.each([...new Set(inPage)].filter((name) => !FOREIGN.test(name)))('%s is read by the code', (name) => {
  expect(code).toContain(name);
});

it.each(Object.values(ANNOTATIONS))('docs/settings.md says what $name is', ({ name }) => {
  expect(PAGE).toContain(`\`${name}\``);
});
