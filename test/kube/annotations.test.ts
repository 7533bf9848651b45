import { readFileSync } from 'node:fs';
import { expect, it } from '@jest/globals';
import { ANNOTATIONS } from '../../kube/annotations.ts';

it.each([ANNOTATIONS.resourceId.name, ANNOTATIONS.reconcilePolicy.name])(
  'the admission policy, which is generated where kube/ is not known, names %s',
  (name) => {
    expect(readFileSync('crds/policy.yaml', 'utf8')).toContain(name);
  },
);
