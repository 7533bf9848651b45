/** The values of the annotation `reconcile-policy` and of DEFAULT_RECONCILE_POLICY. */
export const POLICIES = ['manage', 'skip', 'detach-on-delete'] as const;
export type Policy = (typeof POLICIES)[number];

export function isPolicy(value: unknown): value is Policy {
  return POLICIES.some((policy) => policy === value);
}
