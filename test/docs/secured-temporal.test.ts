import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it } from '@jest/globals';
import { loadClientConnectConfig } from '@temporalio/envconfig';
import { ROOT } from './guide.ts';

const SECTION = /### A secured Temporal\n([\s\S]*?)\n## /.exec(
  readFileSync(join(ROOT, 'docs/settings.md'), 'utf8'),
)?.[1];
const NAMES = [...(SECTION ?? '').matchAll(/`(TEMPORAL_[A-Z_]+)`/g)].map(([, name = '']) => name);

const connect = (variables: Record<string, string>) =>
  loadClientConnectConfig({ overrideEnvVars: { TEMPORAL_CONFIG_FILE: '/none', ...variables }, disableFile: true })
    .connectionOptions;

it('docs/settings.md: mutual TLS is what its variables give, as files or as their content', () => {
  const directory = mkdtempSync(join(tmpdir(), 'tls-'));
  try {
    const variables = { SERVER_CA_CERT: 'ca', CLIENT_CERT: 'certificate', CLIENT_KEY: 'key' };
    const files = Object.entries(variables).map(([name, content]) => {
      const file = join(directory, name);
      writeFileSync(file, content);
      return [`TEMPORAL_TLS_${name}_PATH`, file] as const;
    });
    const data = Object.entries(variables).map(([name, content]) => [`TEMPORAL_TLS_${name}_DATA`, content] as const);
    for (const given of [files, data]) {
      const { tls } = connect({ ...Object.fromEntries(given), TEMPORAL_TLS_SERVER_NAME: 'temporal' });
      expect(tls).toMatchObject({
        serverRootCACertificate: Buffer.from('ca'),
        clientCertPair: { crt: Buffer.from('certificate'), key: Buffer.from('key') },
        serverNameOverride: 'temporal',
      });
      for (const [name] of given) expect(NAMES).toContain(name);
    }
  } finally {
    rmSync(directory, { recursive: true, force: true });
  }
});

it.each([
  { variables: { TEMPORAL_API_KEY: 'k' }, options: { apiKey: 'k', tls: true }, why: 'a key is never sent without TLS' },
  { variables: { TEMPORAL_TLS: 'true' }, options: { tls: {} }, why: 'a server with a public certificate' },
])('docs/settings.md: $variables: $why', ({ variables, options }) => {
  expect(connect(variables)).toMatchObject(options);
  for (const name of Object.keys(variables)) expect(NAMES).toContain(name);
});
