import { describe, expect, it } from '@jest/globals';
import { checkCredential } from '../../../activities/identity/credential-check.ts';
import { ANNOTATIONS } from '../../../kube/annotations.ts';

const HERE = '11111111-AAAA-4111-8111-111111111111';
const ARM_ID = `/subscriptions/${HERE.toLowerCase()}/resourceGroups/rg`;
const TENANT_ID = '/providers/Microsoft.Management/managementGroups/mg';

interface Row {
  reason: string;
  from: string;
  annotation?: string;
  remembered?: { from: string; annotation?: string };
  subscriptionId?: string;
  armId?: string;
  want?: 'CredentialNotFound' | 'SubscriptionMismatch';
}

const ROWS: Row[] = [
  { reason: 'nothing is remembered of a new resource', from: 'global' },
  {
    reason: 'the same credential',
    from: 'n/aso-credential',
    remembered: { from: 'n/aso-credential' },
  },
  {
    reason: "the namespace's Secret is gone: nobody asked for the global credential",
    from: 'global',
    remembered: { from: 'n/aso-credential' },
    want: 'CredentialNotFound',
  },
  {
    reason: 'the Secret is gone, and the global credential is for another subscription: the Secret is what is missing',
    from: 'global',
    remembered: { from: 'n/aso-credential' },
    subscriptionId: 'other',
    want: 'CredentialNotFound',
  },
  {
    reason: 'the same for an id without a subscription, which no other check covers',
    from: 'global',
    remembered: { from: 'n/aso-credential' },
    armId: TENANT_ID,
    want: 'CredentialNotFound',
  },
  {
    reason: 'the user has removed credential-from',
    from: 'global',
    remembered: { from: 'n/own', annotation: 'own' },
  },
  {
    reason: 'the user has named another Secret',
    from: 'n/own',
    annotation: 'own',
    remembered: { from: 'n/aso-credential' },
  },
  {
    reason: 'the user has created a Secret for the namespace',
    from: 'n/aso-credential',
    remembered: { from: 'global' },
  },
  {
    reason: 'a Secret that was named is for another subscription',
    from: 'n/own',
    annotation: 'own',
    remembered: { from: 'n/aso-credential' },
    subscriptionId: 'other',
    want: 'SubscriptionMismatch',
  },
  {
    reason: 'the same Secret is for another subscription now',
    from: 'n/aso-credential',
    remembered: { from: 'n/aso-credential' },
    subscriptionId: 'other',
    want: 'SubscriptionMismatch',
  },
  {
    reason: 'a resource of an earlier release, in another subscription',
    from: 'global',
    subscriptionId: 'other',
    want: 'SubscriptionMismatch',
  },
  { reason: 'an id in the tenant has no subscription', from: 'global', armId: TENANT_ID, subscriptionId: 'other' },
];

describe('checkCredential', () => {
  it.each(ROWS)('$reason: $want', ({ from, annotation, remembered, subscriptionId = HERE, armId = ARM_ID, want }) => {
    const annotations = annotation === undefined ? {} : { [ANNOTATIONS.credentialFrom.name]: annotation };
    const metadata = { name: 'x', namespace: 'n', uid: 'u', resourceVersion: '1', annotations };
    const object = { apiVersion: 'g/v1', kind: 'K', metadata };
    const check = (): void => checkCredential({ object, armId, access: { arm: { subscriptionId }, from }, remembered });
    if (want === undefined) expect(check).not.toThrow();
    else expect(check).toThrow(expect.objectContaining({ reason: want }));
  });
});
