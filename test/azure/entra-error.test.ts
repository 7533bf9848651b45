import { describe, expect, it } from '@jest/globals';
import { authenticationError, type EntraAnswer } from '../../azure/entra-error.ts';

const secret = 's3cret-canary';

describe('authenticationError', () => {
  const rows: { why: string; error?: unknown; answer?: EntraAnswer; says: RegExp }[] = [
    {
      why: 'an expired secret',
      error: Object.assign(new Error(`invalid_client: AADSTS7000222: ${secret} is expired`), {
        name: 'AuthenticationRequiredError',
      }),
      answer: { status: 401 },
      says: /^No token from Entra ID at entra\.example: HTTP 401, invalid_client, AADSTS7000222\. The client secret has expired/,
    },
    {
      why: 'a federated subject that does not match',
      error: new Error(`invalid_request: AADSTS700213: no match for ${secret}`),
      answer: { status: 400 },
      says: /AADSTS700213\. No federated credential of the identity has this subject/,
    },
    {
      why: 'a number that is not listed',
      error: new Error('AADSTS999999: x'),
      says: /AADSTS999999\. Look up the AADSTS code/,
    },
    { why: 'throttled', answer: { status: 429 }, says: /: HTTP 429\. Entra ID throttles this identity/ },
    {
      why: 'a code on the cause only',
      error: Object.assign(new Error(secret), { cause: { errorCode: 'network_error' } }),
      answer: { network: 'ECONNRESET' },
      says: /: network_error, ECONNRESET\. The host cannot be reached/,
    },
    {
      why: 'a certificate that is not trusted',
      answer: { network: 'SELF_SIGNED_CERT_IN_CHAIN' },
      says: /SELF_SIGNED_CERT_IN_CHAIN\. The host's certificate is not trusted: .*NODE_EXTRA_CA_CERTS/,
    },
    {
      why: 'the first word of a text is not a code of MSAL',
      error: new Error(`${secret}: and more`),
      says: /^No token from Entra ID at entra\.example\. Check the client id/,
    },
    { why: 'a thrown value that is not an error', error: secret, says: /at entra\.example\. Check the client id/ },
  ];
  it.each(rows)('$why', ({ error, answer, says }) => {
    const made = authenticationError(error, { host: 'entra.example', ...(answer && { answer }) });
    expect(made).toMatchObject({ code: 'AuthenticationFailed', status: 0, message: expect.stringMatching(says) });
    expect(made.message).not.toContain(secret);
  });
});
