import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { loadKubeConfig } from '../../kube/config.ts';
import { KubeError } from '../../kube/errors.ts';
import { kubeProblem } from '../../kube/problem.ts';

describe('what is said of an API server that is waited for', () => {
  it.each([
    { why: 'it is down', status: 0, says: 'start the API server, or check KUBECONFIG' },
    { why: 'the token has expired', status: 401, says: 'check the credentials' },
    { why: 'the role is not bound yet', status: 403, says: "bind this process's role" },
    { why: 'the namespace is not there yet', status: 404, says: 'create the namespace' },
    { why: 'it is overloaded', status: 429, says: 'starting or overloaded' },
    { why: 'it is starting', status: 503, says: 'starting or overloaded' },
  ])('$why: what failed, and what to do', ({ status, says }) => {
    const text = kubeProblem(new KubeError({ status, reason: 'R', message: 'cannot GET /api/v1/namespaces: R' }));
    expect(text).toMatch(/^cannot GET \/api\/v1\/namespaces: R; /);
    expect(text).toContain(says);
  });

  it.each([
    { why: 'the request is wrong', error: new KubeError({ status: 422, reason: 'Invalid', message: 'm' }) },
    { why: 'a Secret that is there cannot be used', error: new Error('cannot use Secret n/s') },
  ])('$why: waiting does not help', ({ error }) => {
    expect(kubeProblem(error)).toBeUndefined();
  });
});

describe('a kubeconfig that cannot be read', () => {
  it('is named, and nothing of it is quoted', async () => {
    const directory = mkdtempSync(join(tmpdir(), 'kubeconfig-'));
    const file = join(directory, 'broken');
    writeFileSync(file, 'users: [{ name: u, user: { token: hunter2-s3cret }');
    const failure = await loadKubeConfig({ kubeconfig: file }).then(
      () => undefined,
      (error: unknown) => error as Error,
    );
    rmSync(directory, { recursive: true });
    expect(failure?.message).toBe(`cannot read ${file}: it is not a valid kubeconfig; correct KUBECONFIG`);
    expect(String(failure?.cause)).not.toContain('hunter2');
  });
});
