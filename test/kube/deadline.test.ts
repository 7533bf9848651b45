import { setTimeout as sleep } from 'node:timers/promises';
import { describe, expect, it } from '@jest/globals';
import { startDeadline } from '../../kube/deadline.ts';

describe('startDeadline', () => {
  it('aborts when the time is over, and says so', async () => {
    const deadline = startDeadline(20);
    await sleep(60);
    expect([deadline.signal.aborted, deadline.timedOut]).toEqual([true, true]);
    deadline.end();
  });

  it("aborts with the caller's signal, which is not the end of the time", async () => {
    const caller = new AbortController();
    const deadline = startDeadline(20, caller.signal);
    caller.abort();
    expect([deadline.signal.aborted, deadline.timedOut]).toEqual([true, false]);
    await sleep(60);
    expect(deadline.timedOut).toBe(false);
    deadline.end();
  });

  it('is aborted from the start when the caller has aborted before', () => {
    const deadline = startDeadline(1_000, AbortSignal.abort());
    expect([deadline.signal.aborted, deadline.timedOut]).toEqual([true, false]);
    deadline.end();
  });

  it('does nothing after its end: neither the time nor the caller aborts it', async () => {
    const caller = new AbortController();
    const deadline = startDeadline(20, caller.signal);
    deadline.end();
    await sleep(60);
    caller.abort();
    expect([deadline.signal.aborted, deadline.timedOut]).toEqual([false, false]);
  });

  it('aborts with an error, as every signal does', () => {
    const deadline = startDeadline(1_000, AbortSignal.abort());
    expect(deadline.signal.reason).toMatchObject({ name: 'AbortError', message: 'the request was aborted' });
    expect(deadline.signal.reason).toBeInstanceOf(Error);
    deadline.end();
  });
});
