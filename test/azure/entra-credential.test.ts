import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals';
import type { AccessToken } from '@azure/core-auth';
import { EntraCredential } from '../../azure/entra-credential.ts';

const MINUTE = 60_000;
type Answer = (() => Promise<AccessToken>) | 'hang' | Error;

/** A credential whose Entra ID answers from a list; `made` counts the clients that were made for it. */
function credentialOf(answers: Answer[]) {
  const counts = { made: 0, asked: 0 };
  const credential = new EntraCredential({
    host: 'entra.example',
    make: async () => {
      counts.made += 1;
      const getToken = async (): Promise<AccessToken> => {
        const answer = answers[counts.asked++];
        if (answer === 'hang') return await new Promise(() => undefined);
        if (answer === undefined) throw new Error('one request too many');
        if (answer instanceof Error) throw answer;
        return await answer();
      };
      return { credential: { getToken }, answer: {} };
    },
  });
  const get = async (): Promise<string> =>
    await credential.getToken('scope').then(
      ({ token }) => token,
      (error: unknown) => (error instanceof Error ? error.message : 'not an error'),
    );
  return { credential, counts, get };
}

const token = (name: string, minutes: number) => async () => ({
  token: name,
  expiresOnTimestamp: Date.now() + minutes * MINUTE,
});

beforeEach(() => {
  jest.useFakeTimers();
});
afterEach(() => {
  jest.useRealTimers();
});

describe('the tokens of a credential', () => {
  it('a token is cached until five minutes before it expires, and is used while a new one is requested', async () => {
    const { counts, get } = credentialOf([token('one', 60), token('two', 60)]);
    expect(await get()).toBe('one');
    await jest.advanceTimersByTimeAsync(54 * MINUTE);
    expect(await get()).toBe('one');
    expect(counts.asked).toBe(1);
    await jest.advanceTimersByTimeAsync(MINUTE);
    expect(await get()).toBe('one');
    await jest.advanceTimersByTimeAsync(0);
    expect(await get()).toBe('two');
    expect(counts).toEqual({ asked: 2, made: 1 });
  });

  it('an outage of Entra ID does not matter while the old token is valid; a new one is requested at most every ten seconds', async () => {
    const down = new Error('down');
    const { counts, get } = credentialOf([token('one', 60), down, down, down]);
    await get();
    await jest.advanceTimersByTimeAsync(56 * MINUTE);
    for (let second = 0; second < 15; second++) {
      expect(await get()).toBe('one');
      await jest.advanceTimersByTimeAsync(1_000);
    }
    expect(counts.asked).toBe(3);
  });

  it('a short-lived token is cached for half its lifetime, not requested each time', async () => {
    const { counts, get } = credentialOf([token('one', 4)]);
    await get();
    await jest.advanceTimersByTimeAsync(1.9 * MINUTE);
    expect(await get()).toBe('one');
    expect(counts.asked).toBe(1);
  });

  it('after a failure the underlying client is created anew: the old one would answer from its cache', async () => {
    const { counts, get } = credentialOf([new Error('down'), token('one', 60)]);
    expect(await get()).toMatch(/^No token from Entra ID at entra\.example\. /);
    expect(await get()).toBe('one');
    expect(counts).toEqual({ asked: 2, made: 2 });
  });

  it('a request that hangs is abandoned after 30 s, for all its callers', async () => {
    const { counts, get } = credentialOf(['hang', token('one', 60)]);
    const waiting = Promise.all([get(), get()]);
    await jest.advanceTimersByTimeAsync(30_000);
    const late = 'No token from Entra ID at entra.example: ETIMEDOUT. The host did not answer in time';
    expect(await waiting).toEqual([expect.stringContaining(late), expect.stringContaining(late)]);
    expect(await get()).toBe('one');
    expect(counts.asked).toBe(2);
  });

  it('a refusal of a token that was already replaced has no effect', async () => {
    const { credential, counts, get } = credentialOf([token('one', 60), token('two', 60)]);
    await get();
    credential.refused('one');
    expect(await get()).toBe('two');
    credential.refused('one');
    credential.refused('one');
    expect(await get()).toBe('two');
    expect(counts).toEqual({ asked: 2, made: 2 });
  });
});
