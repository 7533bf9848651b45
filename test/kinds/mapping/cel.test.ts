import { describe, expect, it } from '@jest/globals';
import type { JsonObject } from '../../../kinds/contract.ts';
import { Cel, celSelf, type CelResult } from '../../../kinds/mapping/cel.ts';

const self: JsonObject = {
  metadata: { name: 'server', annotations: { 'a.b/c': 'noted' } },
  spec: { storage: { storageSizeGB: 128 }, tags: { team: 'red' }, ratio: 0.5 },
  status: {
    id: '/subscriptions/s',
    vmId: '/subscriptions/s/resourceGroups/rg/providers/Microsoft.Compute/virtualMachines/vm/extensions/e',
    zones: ['1', '2'],
  },
};
const secret = { key1: 'top-secret' };

const cel = new Cel();
function evaluateCel(expression: string, input: { self: JsonObject; secret?: Record<string, string> }): CelResult {
  return cel.evaluate(expression, { ...input, self: celSelf(input.self) });
}

describe('evaluate', () => {
  it.each<[reason: string, expression: string, want: string | Record<string, string>]>([
    ['a field', 'self.metadata.name', 'server'],
    ['a name that is no word', 'self.metadata.annotations["a.b/c"]', 'noted'],
    ['whole numbers are ints', 'string(self.spec.storage.storageSizeGB)', '128'],
    ['and are compared as such', 'self.spec.storage.storageSizeGB >= 100 ? "big" : "small"', 'big'],
    ['a field that may be missing', 'self.spec.?version.orValue("none")', 'none'],
    ['lists', 'self.status.zones.map(z, "zone-" + z).join(",")', 'zone-1,zone-2'],
    [
      'a map becomes several keys',
      '{"name": self.metadata.name, "id": self.status.id}',
      { name: 'server', id: '/subscriptions/s' },
    ],
    ['a map of the resource itself', 'self.spec.tags', { team: 'red' }],
    ['secrets', '"AccountKey=" + secret.key1', 'AccountKey=top-secret'],
    ['replace', 'self.metadata.name.replace("er", "$&")', 's$&v$&'],
    ['an id taken apart', 'aso.parseResourceId(self.status.vmId).resourceGroupName', 'rg'],
    [
      'what is above it',
      'aso.parseResourceId(self.status.vmId).parent.resourceType.type + "/" + aso.parseResourceId(self.status.vmId).parent.name',
      'virtualMachines/vm',
    ],
    ['format', '"%s:%d%%".format([self.metadata.name, 3])', 'server:3%'],
  ])('%s', (_, expression, want) => {
    expect(evaluateCel(expression, { self, secret })).toEqual(want);
  });

  it.each<[reason: string, expression: string, says: RegExp]>([
    ['a field that is not there', 'self.spec.version', /^No such key: version$/],
    ['no id', 'aso.parseResourceId(self.metadata.name).name', /not an ARM id/],
    ['no expression', '1 +', /EOF/],
    ['an unknown variable', 'other', /^Unknown variable: other$/],
    ['another type', 'self.spec.ratio', /must return a string/],
    ['a map of other things', '{"a": 1}', /must return a string/],
    ['a list', 'self.status.zones', /must return a string/],
  ])('says what is wrong: %s', (_, expression, says) => {
    expect(() => evaluateCel(expression, { self, secret })).toThrow(says);
  });

  it('never has a secret in its message', () => {
    for (const expression of [
      'int(secret.key1)',
      'self[secret.key1]',
      'secret.key1 + 1',
      '[secret.key1][7]',
      'timestamp(secret.key1)',
      'duration(secret.key1)',
      'secret.key1.matches("(") ? "" : ""',
      '"x".matches(secret.key1 + "(") ? "a" : "b"',
    ])
      expect(messageOf(() => evaluateCel(expression, { self, secret }))).not.toMatch(/top-secret/);
  });

  it('cannot read secrets where it may not', () => {
    expect(() => evaluateCel('secret.key1', { self })).toThrow(/Unknown variable: secret/);
  });
});

function messageOf(act: () => unknown): string {
  try {
    return JSON.stringify(act());
  } catch (error) {
    return error instanceof Error ? error.message : 'no error';
  }
}
