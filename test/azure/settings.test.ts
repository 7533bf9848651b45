import { describe, expect, it } from '@jest/globals';
import { ArmClients } from '../../azure/arm-clients.ts';
import { credentialSettingsFrom } from '../../azure/credentials.ts';
import { checkGlobalCredential, readAzureSettings } from '../../azure/settings.ts';
import { credential } from './fake-http.ts';

const ids = { AZURE_SUBSCRIPTION_ID: 'sub', AZURE_TENANT_ID: 'ten', AZURE_CLIENT_ID: 'cli' };

describe('readAzureSettings', () => {
  it('defaults to the public cloud', () => {
    expect(readAzureSettings({ AZURE_AUTHORITY_HOST: '' })).toEqual({
      endpoint: 'https://management.azure.com',
      audience: 'https://management.core.windows.net/',
      authorityHost: undefined,
      federatedTokenFile: undefined,
    });
  });
  it.each([
    ['AZURE_RESOURCE_MANAGER_ENDPOINT', 'http://localhost:1'],
    ['AZURE_AUTHORITY_HOST', 'localhost'],
  ])('%s=%s is refused by name', (name, value) => {
    expect(() => readAzureSettings({ [name]: value })).toThrow(name);
  });
  it('a trailing slash of the endpoint does not double', () => {
    const env = { AZURE_RESOURCE_MANAGER_ENDPOINT: 'https://localhost:8443/' };
    expect(readAzureSettings(env).endpoint).toBe('https://localhost:8443');
  });
});

describe('checkGlobalCredential', () => {
  const guid = '11111111-2222-3333-4444-555555555555';
  const all = { AZURE_SUBSCRIPTION_ID: guid, AZURE_TENANT_ID: guid, AZURE_CLIENT_ID: guid };
  const rows: { why: string; env: Record<string, string>; says: RegExp[] }[] = [
    { why: 'no credential: each namespace provides its own', env: {}, says: [] },
    { why: 'empty variables count as absent, as a chart may set them', env: { AZURE_CLIENT_SECRET: '' }, says: [] },
    { why: 'a secret', env: { ...all, AZURE_CLIENT_SECRET: 's' }, says: [] },
    { why: 'workload identity', env: all, says: [] },
    { why: 'a tenant by its name', env: { ...all, AZURE_TENANT_ID: 'contoso.onmicrosoft.com' }, says: [] },
    { why: 'GUIDs in capitals', env: { ...all, AZURE_CLIENT_ID: 'ABCDEFAB-2222-3333-4444-ABCDEFABCDEF' }, says: [] },
    {
      why: 'a subscription by its name',
      env: { ...all, AZURE_SUBSCRIPTION_ID: 'abc' },
      says: [/^AZURE_SUBSCRIPTION_ID is not a GUID/],
    },
    {
      why: 'a client by its name',
      env: { ...all, AZURE_CLIENT_ID: 'my-app' },
      says: [/^AZURE_CLIENT_ID is not a GUID/],
    },
    {
      why: 'a tenant that is neither',
      env: { ...all, AZURE_TENANT_ID: 'contoso' },
      says: [/^AZURE_TENANT_ID is neither/],
    },
    {
      why: 'a partial credential: each missing variable is named',
      env: { AZURE_CLIENT_SECRET: 's', AZURE_CLIENT_ID: guid },
      says: [/^AZURE_SUBSCRIPTION_ID is missing/, /^AZURE_TENANT_ID is missing/],
    },
    {
      why: 'an empty secret: workload identity was probably not intended',
      env: { ...all, AZURE_CLIENT_SECRET: ' ' },
      says: [/^AZURE_CLIENT_SECRET is set but empty/],
    },
    {
      why: 'an empty secret with the token file of workload identity',
      env: { ...all, AZURE_CLIENT_SECRET: '', AZURE_FEDERATED_TOKEN_FILE: '/var/run/token' },
      says: [],
    },
    {
      why: 'an empty secret with a certificate',
      env: { ...all, AZURE_CLIENT_SECRET: '', AZURE_CLIENT_CERTIFICATE: '-----BEGIN' },
      says: [],
    },
    {
      why: 'PKCS#12',
      env: { ...all, AZURE_CLIENT_CERTIFICATE: 'MII-canary' },
      says: [/^AZURE_CLIENT_CERTIFICATE is not PEM/],
    },
  ];
  it.each(rows)('$why', ({ env, says }) => {
    const problems = checkGlobalCredential(env);
    expect(problems).toEqual(says.map((text) => expect.stringMatching(text)));
    expect(problems.join()).not.toContain('canary');
  });
});

describe('credentialSettingsFrom', () => {
  it.each([
    ['secret wins', { AZURE_CLIENT_SECRET: 'x', AZURE_CLIENT_CERTIFICATE: '-----BEGIN' }, 'secret'],
    ['certificate', { AZURE_CLIENT_SECRET: '', AZURE_CLIENT_CERTIFICATE: '-----BEGIN' }, 'certificate'],
    ['neither is workload identity', {}, 'workloadIdentity'],
  ])('%s', (_why, values, type) => {
    expect(credentialSettingsFrom({ ...ids, ...values }, 'here').proof.type).toBe(type);
  });
  it.each(Object.keys(ids))('names the missing %s and where', (key) => {
    expect(() => credentialSettingsFrom({ ...ids, [key]: ' ' }, 'Secret a/b')).toThrow(`Secret a/b has no ${key}.`);
  });
  it.each([
    ['AZURE_TENANT_ID', '../x'],
    ['AZURE_CLIENT_CERTIFICATE', 'MIIsecret'],
  ])('an invalid value of %s is refused, and the message does not quote it', (key, value) => {
    const read = () => credentialSettingsFrom({ ...ids, [key]: value }, 'here');
    expect(read).toThrow(key);
    expect(read).not.toThrow(value);
  });
});

describe('ArmClients', () => {
  const clients = new ArmClients({ endpoint: 'https://arm.example', audience: 'a', credential });
  const withSecret = (secret: string) => credentialSettingsFrom({ ...ids, AZURE_CLIENT_SECRET: secret }, 'here');
  it('keeps the client of a credential', () => {
    expect(clients.for(withSecret('one'))).toBe(clients.for(withSecret('one')));
  });
  it('makes a new one for a changed secret, on the same limiter', () => {
    expect(clients.for(withSecret('two'))).not.toBe(clients.for(withSecret('one')));
    expect(clients.optionsFor(withSecret('two')).limiter).toBe(clients.optionsFor(withSecret('one')).limiter);
  });
});
