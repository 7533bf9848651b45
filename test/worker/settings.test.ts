import { describe, expect, it } from '@jest/globals';
import { readWorkerSettings as readSettings, type WorkerSettings } from '../../worker/settings.ts';

/** With the one variable that has no default outside a pod. */
function readWorkerSettings(env: Record<string, string>): WorkerSettings {
  return readSettings({ POD_NAMESPACE: 'operator', ...env });
}

describe('the settings of the worker', () => {
  it('have a default for each variable that is not set', () => {
    expect(readWorkerSettings({})).toEqual({
      podNamespace: 'operator',
      defaultPolicy: 'manage',
      genericTypes: undefined,
      maxCachedWorkflows: 300,
      maxConcurrentActivities: 200,
      maxConcurrentPolls: 2_000,
      httpAddress: { host: '0.0.0.0', port: 8081 },
      metricsAddress: undefined,
      deployment: undefined,
    });
  });

  it.each([
    ['DEFAULT_RECONCILE_POLICY', 'Skip', 'policies are case-sensitive, as in ASO'],
    ['MAX_CACHED_WORKFLOWS', '0', 'a worker without a cache replays every workflow at each step'],
    ['MAX_CONCURRENT_ACTIVITIES', 'many', 'not a number'],
    ['METRICS_ADDRESS', '9464', 'a port without an address'],
    ['METRICS_ADDRESS', 'http://0.0.0.0:9464', 'an address, not a URL'],
    ['WORKER_BECOME_CURRENT', 'always', 'a release never takes over from another by itself'],
    ['WORKER_DEPLOYMENT_NAME', 'operator.prod', 'Temporal keeps the dot for the version string'],
    ['WORKER_DEPLOYMENT_NAME', 'operator:prod', 'and the colon'],
    ['WORKER_DEPLOYMENT_NAME', '__operator', 'such names are Temporal’s own'],
    ['WORKER_BUILD_ID', 'v'.repeat(101), 'Temporal refuses it only at the first poll, without a name'],
  ])('refuses %s=%s by name: %s', (name, value) => {
    expect(() => readWorkerSettings({ [name]: value })).toThrow(`${name} is "${value}"`);
  });

  it('accept an address with a port for the metrics', () => {
    expect(readWorkerSettings({ METRICS_ADDRESS: '0.0.0.0:9464' }).metricsAddress).toBe('0.0.0.0:9464');
    expect(readWorkerSettings({ METRICS_ADDRESS: '[::]:9464' }).metricsAddress).toBe('[::]:9464');
  });

  it('accept a deployment name and a build id only together: one alone would silently leave versioning off', () => {
    const both = { WORKER_DEPLOYMENT_NAME: 'azure-operator', WORKER_BUILD_ID: '1.2.0-rc.1' };
    expect(readWorkerSettings(both).deployment).toEqual({
      version: { deploymentName: 'azure-operator', buildId: '1.2.0-rc.1' },
      becomeCurrent: 'if-none',
    });
    expect(() => readWorkerSettings({ ...both, WORKER_BUILD_ID: '' })).toThrow('WORKER_BUILD_ID');
    expect(() => readWorkerSettings({ ...both, WORKER_DEPLOYMENT_NAME: '' })).toThrow('WORKER_DEPLOYMENT_NAME');
    expect(readWorkerSettings({ ...both, WORKER_BECOME_CURRENT: 'never' }).deployment?.becomeCurrent).toBe('never');
  });

  it('have no default for the namespace of the sealing keys: it would be one that users can read', () => {
    expect(() => readWorkerSettings({ POD_NAMESPACE: '' })).toThrow('POD_NAMESPACE is not set');
  });
});
