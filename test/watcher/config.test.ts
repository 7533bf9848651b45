import { describe, expect, it } from '@jest/globals';

import { readConfig } from '../../watcher/config.ts';

describe('readConfig', () => {
  it.each<{ reason: string; environment: Record<string, string>; want: object }>([
    {
      reason: 'nothing set: the defaults',
      environment: {},
      want: { syncPeriodMs: 3_600_000, pacePerSecond: 50, targetNamespaces: [], watchSecrets: true },
    },
    {
      reason: 'an empty variable counts as absent',
      environment: { AZURE_SYNC_PERIOD: '' },
      want: { syncPeriodMs: 3_600_000 },
    },
    { reason: 'a Go duration', environment: { AZURE_SYNC_PERIOD: '1h30m' }, want: { syncPeriodMs: 5_400_000 } },
    { reason: 'never', environment: { AZURE_SYNC_PERIOD: 'never' }, want: { syncPeriodMs: undefined } },
    { reason: 'the namespace of the pod', environment: { POD_NAMESPACE: 'ops' }, want: { namespace: 'ops' } },
    { reason: 'no watch of Secrets', environment: { WATCH_SECRETS: 'false' }, want: { watchSecrets: false } },
    { reason: 'a slower pace', environment: { WATCHER_SIGNALS_PER_SECOND: '0.5' }, want: { pacePerSecond: 0.5 } },
  ])('$reason', ({ environment, want }) => {
    expect(readConfig({ POD_NAMESPACE: 'operator', ...environment })).toMatchObject(want);
  });

  it.each([
    { AZURE_SYNC_PERIOD: '1 hour' },
    { AZURE_SYNC_PERIOD: '0s' },
    { WATCHER_SIGNALS_PER_SECOND: '0' },
    { WATCHER_SIGNALS_PER_SECOND: 'many' },
    { POD_NAMESPACE: 'No Such' },
    { POD_NAMESPACE: '' },
    { AZURE_TARGET_NAMESPACES: 'a,B' },
    { WATCH_SECRETS: 'no' },
  ])('%j is refused, and the error names the variable', (environment) => {
    expect(() => readConfig({ POD_NAMESPACE: 'operator', ...environment })).toThrow(Object.keys(environment)[0]);
  });
});
