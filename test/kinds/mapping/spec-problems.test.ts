import { describe, expect, it } from '@jest/globals';

import type { JsonObject, SpecProblem } from '../../../kinds/contract.ts';
import { readGenericTypes } from '../../../kinds/generic/generic-types.ts';
import { loadKinds } from '../../../kinds/load.ts';
import { Cel } from '../../../kinds/mapping/cel.ts';
import { expressionProblemsOf } from '../../../kinds/mapping/spec-problems.ts';

const kinds = loadKinds({ genericTypes: readGenericTypes({ GENERIC_RESOURCE_TYPES: '*' }) });
const account = kinds.find({ group: 'documentdb.azure.com', kind: 'DatabaseAccount' })!;
const generic = kinds.find({ group: 'generic.azure-temporal-operator.io', kind: 'GenericResource' })!;

function problems(operatorSpec: JsonObject): SpecProblem[] {
  const shape = kinds.shape(account, '2021-05-15');
  return [...shape.problems({ location: 'westus2', operatorSpec }), ...expressionProblemsOf(cel, operatorSpec)];
}
const cel = new Cel();
const secret = (more: JsonObject): JsonObject => ({
  secrets: { primaryMasterKey: { name: 'out', key: 'k', ...more } },
});
const expression = (more: JsonObject): JsonObject => ({ configMapExpressions: [{ name: 'out', key: 'k', ...more }] });
const secretExpression = (more: JsonObject): JsonObject => ({
  secretExpressions: [{ name: 'out', key: 'k', ...more }],
});

describe('problems of operatorSpec, before Azure is called (row 30)', () => {
  it.each<[reason: string, operatorSpec: JsonObject, field: string, says: RegExp]>([
    [
      'capitals in the name of an object',
      secret({ name: 'Out' }),
      'secrets.primaryMasterKey.name',
      /^"Out" cannot be the name of a Secret: .* lower-case .*Choose another name$/,
    ],
    ['an empty name, which would be dropped in silence', secret({ name: '' }), 'secrets.primaryMasterKey.name', /""/],
    ['a name that is too long', secret({ name: 'a'.repeat(254) }), 'secrets.primaryMasterKey.name', /253/],
    ['a name that ends with a dot', secret({ name: 'a.' }), 'secrets.primaryMasterKey.name', /subdomain/],
    [
      'a blank in a key',
      secret({ key: 'a b' }),
      'secrets.primaryMasterKey.key',
      /^"a b" cannot be the name of a key of a Secret/,
    ],
    ['an empty key', secret({ key: '' }), 'secrets.primaryMasterKey.key', /""/],
    ['a key that is a way out', secret({ key: '..x' }), 'secrets.primaryMasterKey.key', /not beginning with/],
    ['a key that is too long', secret({ key: 'a'.repeat(254) }), 'secrets.primaryMasterKey.key', /253/],
    [
      'an annotation without a name',
      secret({ annotations: { 'a.b/': 'x' } }),
      'secrets.primaryMasterKey.annotations',
      /^"a.b\/" cannot be the name of an annotation/,
    ],
    ['a label with two slashes', secret({ labels: { 'a/b/c': 'x' } }), 'secrets.primaryMasterKey.labels', /a label/],
    [
      'a value that no label may have',
      secret({ labels: { a: 'b c' } }),
      'secrets.primaryMasterKey.labels["a"]',
      /"b c"/,
    ],
    [
      'a destination of another kind or api-version',
      { configMaps: { x: { name: 'a', key: 'k' } } },
      'configMaps.x',
      /^api-version 2021-05-15, .* has no such field/,
    ],
    [
      'an expression that does not parse',
      expression({ value: '1 +' }),
      'configMapExpressions[0].value',
      /line 1, column 4: Unexpected token: EOF. Correct the expression/,
    ],
    [
      'in its second line',
      expression({ value: 'self.a +\n  self..b' }),
      'configMapExpressions[0].value',
      /line 2, column 8: /,
    ],
    [
      'a variable that there is not',
      expression({ value: 'slef.a' }),
      'configMapExpressions[0].value',
      /line 1, column 1: Unknown variable: slef \(available: self/,
    ],
    [
      'secrets where there are none',
      expression({ value: 'secret.a' }),
      'configMapExpressions[0].value',
      /only secretExpressions/,
    ],
    [
      'a function that there is not',
      secretExpression({ value: 'nope(secret.a)' }),
      'secretExpressions[0].value',
      /no matching overload/,
    ],
    ['a number', expression({ value: '1 + 1' }), 'configMapExpressions[0].value', /must return a string or a map/],
    ['a map of numbers', expression({ value: '{"a": 1}' }), 'configMapExpressions[0].value', /must return a string/],
    [
      'a map beside a key',
      expression({ value: '{"a": self.b}' }),
      'configMapExpressions[0].value',
      /remove the field "key"/,
    ],
    [
      'a string without a key',
      { secretExpressions: [{ name: 'out', value: '"a" + self.b' }] },
      'secretExpressions[0].value',
      /set the field "key"/,
    ],
    [
      'the second of two',
      {
        secretExpressions: [
          { name: 'out', key: 'a', value: 'self.a' },
          { name: 'Out', key: 'a', value: 'self.a' },
        ],
      },
      'secretExpressions[1].name',
      /a Secret/,
    ],
    [
      'an annotation that does not parse',
      expression({ value: 'self.a', annotations: { a: '(' } }),
      'configMapExpressions[0].annotations["a"]',
      /column 2/,
    ],
    [
      'a label that returns a map',
      expression({ value: 'self.a', labels: { a: '{"a": "b"}' } }),
      'configMapExpressions[0].labels["a"]',
      /must return a string\./,
    ],
    [
      'the name of an annotation',
      expression({ value: 'self.a', annotations: { 'a b': 'self.a' } }),
      'configMapExpressions[0].annotations',
      /"a b"/,
    ],
  ])('%s', (_, operatorSpec, field, says) => {
    expect(problems(operatorSpec)).toEqual([{ field: `operatorSpec.${field}`, message: expect.stringMatching(says) }]);
  });

  it.each<[reason: string, operatorSpec: JsonObject]>([
    [
      'names as they should be',
      secret({
        name: 'a.b-c',
        key: '.dockerconfigjson',
        annotations: { 'A.b/C_d': 'any thing' },
        labels: { 'a.b/c': '' },
      }),
    ],
    ['what only a run can tell', secretExpression({ value: 'secret.primaryMasterKey + self.status.x.y[7].z' })],
    ['a field that may be missing', expression({ value: 'self.spec.?version.orValue("none")' })],
    ['a map without a key', { configMapExpressions: [{ name: 'out', value: 'self.spec.tags' }] }],
    ['an empty key of a map', expression({ key: '', value: '{"a": self.b}' })],
    ['functions of ASO', expression({ value: 'aso.parseResourceId(self.status.id).name.replace("a", "b")' })],
    ['format', expression({ value: '"%s".format([self.metadata.name])' })],
    ['nothing', {}],
  ])('none: %s', (_, operatorSpec) => {
    expect(problems(operatorSpec)).toEqual([]);
  });

  it('are found in a GenericResource too', () => {
    const type = 'Microsoft.Maps/accounts';
    const spec: JsonObject = { type, operatorSpec: { configMaps: { id: { path: 'id', name: 'out', key: 'a/b' } } } };
    const shape = kinds.shapeFor(generic, { versionName: 'v1', spec });
    expect(shape.problems(spec).map(({ field }) => field)).toEqual(['operatorSpec.configMaps.id.key']);
  });
});
