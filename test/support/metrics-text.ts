/** A line of a metric in Prometheus' text format. */
export interface Sample {
  readonly name: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly value: number;
}

/** The text of `/metrics` at an address. */
export async function scrape(address: string): Promise<string> {
  const answer = await fetch(`http://${address}/metrics`);
  if (!answer.ok) throw new Error(`${address}/metrics: ${String(answer.status)}`);
  return await answer.text();
}

/** Status and text of a health endpoint; status 0 when nothing listens. */
export async function health(address: string, path: string): Promise<{ status: number; text: string }> {
  try {
    const answer = await fetch(`http://${address}${path}`);
    return { status: answer.status, text: await answer.text() };
  } catch {
    return { status: 0, text: '' };
  }
}

export function samplesOf(text: string): Sample[] {
  return text.split('\n').flatMap((line) => {
    const [, name, labels = '', value] = /^([a-z_]\w*)(?:\{(.*)\})? (\S+)$/i.exec(line) ?? [];
    if (name === undefined) return [];
    const pairs = [...labels.matchAll(/(\w+)="((?:[^"\\]|\\.)*)"/g)];
    return [
      { name, labels: Object.fromEntries(pairs.map(([, key = '', of = '']) => [key, of])), value: Number(value) },
    ];
  });
}

/** The sum over the samples with this name and these labels; undefined without one. */
export function sumOf(text: string, name: string, labels: Readonly<Record<string, string>> = {}): number | undefined {
  const found = samplesOf(text).filter(
    (sample) => sample.name === name && Object.entries(labels).every(([key, value]) => sample.labels[key] === value),
  );
  return found.length === 0 ? undefined : found.reduce((sum, { value }) => sum + value, 0);
}

/** The metrics that a text declares, by name: type and help. */
export function declared(text: string): Map<string, { readonly help: string; readonly type: string }> {
  const helps = new Map([...text.matchAll(/^# HELP (\S+) (.*)$/gm)].map(([, name = '', help = '']) => [name, help]));
  return new Map(
    [...text.matchAll(/^# TYPE (\S+) (\S+)$/gm)].map(([, name = '', type = '']) => [
      name,
      { type, help: helps.get(name) ?? '' },
    ]),
  );
}
