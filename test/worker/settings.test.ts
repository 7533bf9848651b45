import { describe, expect, it } from '@jest/globals';
import { readWorkerSettings } from '../../worker/settings.ts';

describe('the settings of the worker', () => {
  it('has a value for everything that is not set', () => {
    expect(readWorkerSettings({})).toEqual({
      podNamespace: 'default',
      defaultPolicy: 'manage',
      maxCachedWorkflows: 300,
      maxConcurrentActivities: 200,
      metricsAddress: undefined,
    });
  });

  it.each([
    ['DEFAULT_RECONCILE_POLICY', 'Skip', 'policies are told apart by case, as ASO does'],
    ['MAX_CACHED_WORKFLOWS', '0', 'a worker without a cache replays every workflow at each step'],
    ['MAX_CONCURRENT_ACTIVITIES', 'many', 'not a number'],
    ['METRICS_ADDRESS', '9464', 'a port alone: on which address?'],
    ['METRICS_ADDRESS', 'http://0.0.0.0:9464', 'an address, not a URL'],
  ])('refuses %s=%s by name: %s', (name, value) => {
    expect(() => readWorkerSettings({ [name]: value })).toThrow(`${name} is "${value}"`);
  });

  it('takes an address and a port for the metrics', () => {
    expect(readWorkerSettings({ METRICS_ADDRESS: '0.0.0.0:9464' }).metricsAddress).toBe('0.0.0.0:9464');
    expect(readWorkerSettings({ METRICS_ADDRESS: '[::]:9464' }).metricsAddress).toBe('[::]:9464');
  });
});
