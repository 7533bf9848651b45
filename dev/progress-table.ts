import type { LiveObject, Manifest } from './kube-api.ts';

/** The state of one resource, as shown in the table. */
export interface Row {
  readonly resource: string;
  readonly ready: string;
  readonly reason: string;
  readonly message: string;
  readonly severity: string;
}

/** Reads the Ready condition. A condition of an older generation counts as Unknown. */
export function rowOf(manifest: Manifest, live: LiveObject | undefined): Row {
  const resource = `${manifest.kind}/${manifest.metadata.name}`;
  const condition = live?.status?.conditions?.find(({ type }) => type === 'Ready');
  if (condition === undefined) return { resource, ready: '-', reason: '-', message: '', severity: '' };
  const stale =
    condition.observedGeneration !== undefined && condition.observedGeneration < (live?.metadata.generation ?? 0);
  return {
    resource,
    ready: stale ? 'Unknown' : condition.status,
    reason: condition.reason,
    message: (condition.message ?? '').replaceAll(/\s+/g, ' '),
    severity: condition.severity ?? '',
  };
}

/** True when waiting longer cannot help, because the operator reported a terminal error. */
export function hasFailed(row: Row): boolean {
  return row.ready === 'False' && row.severity === 'Error';
}

/** Shows rows as they change: as a redrawn table on a terminal, as one line per change elsewhere. */
export class ProgressTable {
  readonly #out: NodeJS.WriteStream;
  readonly #started = Date.now();
  readonly #shown = new Map<string, string>();
  #height = 0;

  constructor(out: NodeJS.WriteStream = process.stdout) {
    this.#out = out;
  }

  show(rows: readonly Row[]): void {
    const elapsed = `${((Date.now() - this.#started) / 1000).toFixed(1).padStart(5)} s`;
    if (this.#out.isTTY) this.#redraw(rows, elapsed);
    else this.#changes(rows, elapsed);
  }

  #redraw(rows: readonly Row[], elapsed: string): void {
    const lines = tableLines(rows, elapsed).map((line) => line.slice(0, Math.max(this.#out.columns - 1, 20)));
    const back = this.#height === 0 ? '' : `\u001b[${this.#height}A\u001b[J`;
    this.#out.write(`${back}${lines.join('\n')}\n`);
    this.#height = lines.length;
  }

  #changes(rows: readonly Row[], elapsed: string): void {
    for (const row of rows) {
      const text = `${row.resource.padEnd(width(rows))}  Ready=${row.ready.padEnd(7)}  ${row.reason}${row.message === '' ? '' : `: ${row.message}`}`;
      if (row.ready === '-' || this.#shown.get(row.resource) === text) continue;
      this.#shown.set(row.resource, text);
      this.#out.write(`${elapsed}  ${text}\n`);
    }
  }
}

function tableLines(rows: readonly Row[], elapsed: string): string[] {
  const reasons = Math.max(6, ...rows.map(({ reason }) => reason.length));
  const line = (resource: string, ready: string, reason: string, message: string): string =>
    `${resource.padEnd(width(rows))}  ${ready.padEnd(7)}  ${reason.padEnd(reasons)}  ${message}`.trimEnd();
  return [
    line('RESOURCE', 'READY', 'REASON', `MESSAGE (${elapsed.trim()})`),
    ...rows.map((row) => line(row.resource, row.ready, row.reason, row.message)),
  ];
}

function width(rows: readonly Row[]): number {
  return Math.max(8, ...rows.map(({ resource }) => resource.length));
}
