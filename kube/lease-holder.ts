import { createHash } from 'node:crypto';
import { readFileSync, readlinkSync } from 'node:fs';
import { hostname } from 'node:os';

/** A process as the holder of a Lease: `<host>_<pid>_<where pids mean the same>`. */
export function holderIdentity(): string {
  return `${hostname()}_${process.pid}_${pidScope()}`;
}

/**
 * Whether the holder of a Lease was a process of this machine, in this process's own pid namespace, that is not there any more: after a SIGKILL its
 * successor need not wait until the Lease runs out. False wherever that cannot be known.
 */
export function holderIsDead(holder: string): boolean {
  const [, host, pid, scope] = /^(.*)_(\d+)_([^_]*)$/.exec(holder) ?? [];
  if (host !== hostname() || scope !== pidScope() || scope === UNKNOWN) return false;
  try {
    process.kill(Number(pid), 0);
    return false;
  } catch (error) {
    return typeof error === 'object' && error !== null && 'code' in error && error.code === 'ESRCH';
  }
}

const UNKNOWN = 'unknown';

/** One value for each boot of a machine and each pid namespace on it: containers of one host name may share neither. */
function pidScope(): string {
  try {
    const facts = [readFileSync('/proc/sys/kernel/random/boot_id', 'utf8'), readlinkSync('/proc/self/ns/pid')];
    return createHash('sha256').update(facts.join('\n')).digest('hex').slice(0, 8);
  } catch {
    // Not Linux.
    return UNKNOWN;
  }
}
