import { readFileSync } from 'node:fs';

/** Linux reports CPU time to programs in ticks of 10 ms, whatever unit the kernel uses. */
const TICKS_A_SECOND = 100;

/** The CPU seconds (user and system) that a process has used since its start. */
function cpuSeconds(pid: number): number {
  const stat = readFileSync(`/proc/${String(pid)}/stat`, 'utf8');
  // The second field is the program's name in parentheses, which may contain spaces; `state` is the first field after
  // it.
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  const [user, system] = [Number(fields[11]), Number(fields[12])];
  return (user + system) / TICKS_A_SECOND;
}

/** Starts to measure the CPU time of each named process. The returned function returns the seconds used since. */
export function countCpu(pids: ReadonlyMap<string, number>): () => Map<string, number> {
  const before = new Map([...pids].map(([name, pid]) => [name, cpuSeconds(pid)]));
  return () => new Map([...pids].map(([name, pid]) => [name, cpuSeconds(pid) - (before.get(name) ?? 0)]));
}
