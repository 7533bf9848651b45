import { describe, expect, it } from '@jest/globals';
import { ArmClients } from '../../azure/arm-clients.ts';
import { credentialSettingsFrom } from '../../azure/credentials.ts';
import { readAzureSettings } from '../../azure/settings.ts';
import { credential } from './fake-http.ts';

const ids = { AZURE_SUBSCRIPTION_ID: 'sub', AZURE_TENANT_ID: 'ten', AZURE_CLIENT_ID: 'cli' };

describe('readAzureSettings', () => {
  it('defaults to the public cloud and an hour', () => {
    expect(readAzureSettings({ AZURE_AUTHORITY_HOST: '' })).toEqual({
      endpoint: 'https://management.azure.com',
      audience: 'https://management.core.windows.net/',
      authorityHost: undefined,
      federatedTokenFile: undefined,
      syncPeriodMs: 3_600_000,
    });
  });
  it.each([
    ['15m', 900_000],
    ['1h30m', 5_400_000],
    ['1.5h', 5_400_000],
    ['500ms', 500],
    ['never', undefined],
  ])('AZURE_SYNC_PERIOD %s', (text, ms) => {
    expect(readAzureSettings({ AZURE_SYNC_PERIOD: text }).syncPeriodMs).toBe(ms);
  });
  it.each([
    ['AZURE_SYNC_PERIOD', 'often'],
    ['AZURE_SYNC_PERIOD', '10'],
    ['AZURE_SYNC_PERIOD', '0s'],
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
  ])('a value that cannot be: %s; the message does not quote it', (key, value) => {
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
