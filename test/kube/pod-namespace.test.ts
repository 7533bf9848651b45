import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { podNamespace } from '../../kube/pod-namespace.ts';

describe('the namespace of the operator', () => {
  let directory: string;
  let file: string;
  beforeAll(() => {
    directory = mkdtempSync(join(tmpdir(), 'pod-'));
    file = join(directory, 'namespace');
    writeFileSync(file, 'of-the-account\n');
  });
  afterAll(() => rmSync(directory, { recursive: true }));

  it('is the one that is named, else that of the service account', () => {
    expect(podNamespace({ POD_NAMESPACE: ' ops ' }, file)).toBe('ops');
    expect(podNamespace({ POD_NAMESPACE: '' }, file)).toBe('of-the-account');
  });

  it.each([
    { reason: 'a default would be a namespace that users can write to', named: undefined, says: 'is not set' },
    { reason: 'not a name of a namespace', named: 'No Such', says: 'is "No Such", which is not a namespace name' },
  ])('is never guessed: $reason', ({ named, says }) => {
    expect(() => podNamespace({ POD_NAMESPACE: named }, join(directory, 'none'))).toThrow(`POD_NAMESPACE ${says}`);
  });
});
