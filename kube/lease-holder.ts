import { createHash } from 'node:crypto';
import { readFileSync, readlinkSync } from 'node:fs';
import { hostname } from 'node:os';

/** The identity of this process as the holder of a Lease: `<host>_<pid>_<pid scope>`. */
export function holderIdentity(): string {
  return `${hostname()}_${process.pid}_${pidScope()}`;
}

/**
 * Whether the holder of a Lease was a process on this machine, in this process's pid namespace, that has exited. Then
 * its successor need not wait until the Lease expires, for example after a SIGKILL. False where that cannot be known.
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

/**
 * Identifies the boot of the machine and the pid namespace: only within both does a pid name the same process. The host
 * name is not enough, since containers with the same host name may differ in both.
 */
function pidScope(): string {
  try {
    const facts = [readFileSync('/proc/sys/kernel/random/boot_id', 'utf8'), readlinkSync('/proc/self/ns/pid')];
    return createHash('sha256').update(facts.join('\n')).digest('hex').slice(0, 8);
  } catch {
    // /proc exists on Linux only.
    return UNKNOWN;
  }
}
