import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { startSimulator, type Simulator } from '../../simulator/start.ts';

interface Out {
  readonly refusals: Readonly<Record<string, string>>;
  readonly outage: Readonly<Record<string, string>>;
  readonly revoked: Readonly<Record<string, unknown>>;
  readonly burst: number;
}

let simulator: Simulator;
let out: Out;
let text: string;
beforeAll(async () => {
  simulator = await startSimulator({ timeScale: 0 });
  const { stdout, stderr } = await promisify(execFile)(process.execPath, ['test/azure/entra-client.ts'], {
    timeout: 50_000,
    env: {
      PATH: process.env['PATH'],
      NODE_EXTRA_CA_CERTS: simulator.caFile,
      AZURE_RESOURCE_MANAGER_ENDPOINT: simulator.url,
      AZURE_AUTHORITY_HOST: simulator.url,
    },
  });
  text = stdout + stderr;
  out = JSON.parse(stdout);
}, 60_000);
afterAll(() => simulator.close());

describe('the error of a failed token request', () => {
  it.each([
    {
      what: 'wrongSecret',
      why: "Entra's own code, MSAL's and the status",
      says: /^AuthenticationFailed: No token from Entra ID at localhost:\d+: HTTP 401, invalid_client, AADSTS7000215\. The client secret is wrong: .*AZURE_CLIENT_SECRET\.$/,
    },
    {
      what: 'closedPort',
      why: "the system's error code, which MSAL drops, and the host",
      says: /^AuthenticationFailed: No token from Entra ID at localhost:1: endpoints_resolution_error, ECONNREFUSED\. The host cannot be reached: correct AZURE_AUTHORITY_HOST/,
    },
    {
      what: 'noSuchHost',
      why: 'a mistyped authority',
      says: /at entra\.invalid: endpoints_resolution_error, (ENOTFOUND|EAI_AGAIN)\. The host cannot be reached: correct AZURE_AUTHORITY_HOST/,
    },
    {
      what: 'wrongPath',
      why: 'the host answers, but is not an Entra ID authority',
      says: /: HTTP 404, endpoints_resolution_error\. The host is not an Entra ID authority: correct AZURE_AUTHORITY_HOST\.$/,
    },
    {
      what: 'noSuchTenant',
      why: "Entra's code is kept where MSAL says only that it found no endpoint",
      says: /: HTTP 400, endpoints_resolution_error, AADSTS90002\. The tenant does not exist: correct AZURE_TENANT_ID\.$/,
    },
    {
      what: 'noTokenFile',
      why: 'workload identity without its webhook, or a secret that is empty',
      says: /: ENOENT\. The service account's token cannot be read: .*AZURE_CLIENT_SECRET\.$/,
    },
    {
      what: 'badCertificate',
      why: 'no request was sent',
      says: /: .*[Cc]heck the client id, tenant, and secret or certificate/,
    },
  ])('$what: $why', ({ what, says }) => {
    expect(out.refusals[what]).toMatch(says);
  });
  it('no error contains a secret', () => {
    expect(text).not.toContain('canary');
  });
});

describe('a short outage of Entra ID', () => {
  it('its status and its Retry-After are reported', () => {
    expect(out.outage['during']).toMatch(
      /^AuthenticationFailed \(after 7000\): No token from Entra ID at localhost:\d+: HTTP 503\. Entra ID is not available; it is retried\.$/,
    );
  });
  it('the next attempt sends a request, although MSAL would answer from its cache for a minute', () => {
    expect(out.outage['first']).toMatch(/: HTTP 503, endpoints_resolution_error\./);
    expect(out.outage['after']).toBe('undefined');
  });
});

describe('a token that ARM refuses', () => {
  it('is cached until then, and requested once for concurrent callers', () => {
    expect(out.revoked).toMatchObject({ before: ['200'], kept: 0 });
    expect(out.burst).toBe(1);
  });
  it('causes one new token, not one for each request in flight', () => {
    expect(out.revoked).toMatchObject({ again: ['200'], asked: 1 });
    expect(out.revoked['refused']).toEqual([expect.stringMatching(/^ExpiredAuthenticationToken: /)]);
  });
  it('is dropped by the typed SDKs too', () => {
    expect(out.revoked).toMatchObject({
      typed: [expect.stringMatching(/^InvalidAuthenticationToken: /), '200'],
      typedAsked: 1,
    });
  });
});
