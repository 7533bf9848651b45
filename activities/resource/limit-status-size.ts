import type { JsonObject } from '../../kube/contract.ts';

/** etcd limits an object to 1.5 MiB, including its spec and its managedFields. */
const LARGEST_BYTES = 300_000;

/**
 * Limits the status to a size that the API server accepts, by omitting the largest fields. `cut` is the message that
 * names the omitted fields.
 */
export function limitStatusSize(status: JsonObject): { status: JsonObject; cut?: string } {
  const sizes = Object.entries(status).map(([name, value]) => ({ name, size: JSON.stringify(value ?? null).length }));
  let total = sizes.reduce((sum, { size }) => sum + size, 0);
  if (total <= LARGEST_BYTES) return { status };
  const left: string[] = [];
  for (const { name, size } of sizes.toSorted((a, b) => b.size - a.size)) {
    if (total <= LARGEST_BYTES) break;
    left.push(name);
    total -= size;
  }
  const kept = Object.fromEntries(Object.entries(status).filter(([name]) => !left.includes(name)));
  return { status: kept, cut: `status leaves out ${left.sort().join(', ')}: too large for the API server` };
}
