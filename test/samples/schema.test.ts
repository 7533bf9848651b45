import { describe, expect, it } from '@jest/globals';
import { specSchema } from '../../kinds/generate/spec-schema.ts';
import { loadKindsWithParts } from '../../kinds/load.ts';
import { exceptionFor } from './exceptions.ts';
import { groupOf, loadSamples, versionOf, type Sample } from './load-samples.ts';
import { violations } from './validate.ts';

const kinds = loadKindsWithParts();
const samples = loadSamples();

function faultsOf(sample: Sample): string[] {
  const { manifest } = sample;
  const kind = kinds.find({ group: groupOf(sample), kind: manifest.kind });
  const apiVersion = kind && kinds.apiVersionOf(kind, versionOf(sample));
  if (!kind || apiVersion === undefined) return [`${manifest.apiVersion} ${manifest.kind} is not served`];
  return violations(specSchema(kinds.shape(kind, apiVersion)), manifest.spec);
}

describe('every sample of ASO is valid under the CRD of the version that it names, unknown fields refused', () => {
  it('has all 322, three of them hand-written users of a database', () => {
    expect(samples.length).toBe(322);
    expect(samples.filter((sample) => exceptionFor(sample) !== undefined).map(({ file }) => file)).toEqual([
      'dbformysql/v1api/v1_user.yaml',
      'dbformysql/v1api/v1_user_aad.yaml',
      'dbforpostgresql/v1api/v1_user.yaml',
    ]);
  });

  it.each(samples.filter((sample) => exceptionFor(sample) === undefined))('$file', (sample) => {
    expect(faultsOf(sample)).toEqual([]);
  });
});

describe('the check itself', () => {
  const sample = samples.find(({ file }) => file.endsWith('v20230630_flexibleserver.yaml'))!;

  it('refuses a spec without what is required', () => {
    const manifest = { ...sample.manifest, spec: {} };
    expect(faultsOf({ ...sample, manifest })).toEqual(['spec.location: is required', 'spec.owner: is required']);
  });

  it.each([
    { spec: { colour: 'red' }, fault: 'spec.colour: is not a field' },
    { spec: { storage: { colour: 'red' } }, fault: 'spec.storage.colour: is not a field' },
    { spec: { version: 8 }, fault: 'spec.version: is integer, must be string' },
    { spec: { createMode: 'Never' }, fault: 'spec.createMode: must be one of Default' },
    { spec: { network: { publicNetworkAccess: null } }, fault: 'spec.network.publicNetworkAccess: is null, must be string' },
    { spec: { owner: { armId: 'nowhere' } }, fault: 'spec.owner.armId: does not match' },
  ])('refuses $fault', ({ spec, fault }) => {
    const manifest = { ...sample.manifest, spec: { ...sample.manifest.spec, ...spec } } as Sample['manifest'];
    expect(faultsOf({ ...sample, manifest }).map((text) => text.slice(0, fault.length))).toEqual([fault]);
  });
});
