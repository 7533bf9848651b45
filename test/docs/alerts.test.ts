import { readFileSync } from 'node:fs';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from '@jest/globals';
import { parse, stringify } from 'yaml';
import { allMetrics, metricsIn, type Metric } from '../support/all-metrics.ts';
import { promtool } from '../support/promtool.ts';
import { ROOT } from './guide.ts';

interface Alert {
  readonly alert: string;
  readonly expr: string;
  readonly labels: { readonly severity: string };
  readonly annotations: { readonly summary: string; readonly runbook_url: string };
}

interface Panel {
  readonly id: number;
  readonly type: string;
  readonly title: string;
  readonly gridPos: { readonly x: number; readonly y: number; readonly w: number; readonly h: number };
  readonly targets?: readonly { readonly expr: string }[];
}

const FOLDER = join(ROOT, 'deploy/prometheus');
const RULE_TESTS = ['alerts-resources.test.yaml', 'alerts-steps.test.yaml'];
const PAGE = readFileSync(join(ROOT, 'docs/metrics.md'), 'utf8');
const { groups } = parse(readFileSync(join(FOLDER, 'alerts.yaml'), 'utf8')) as { groups: { rules: Alert[] }[] };
const alerts = groups.flatMap(({ rules }) => rules);
const { panels } = JSON.parse(readFileSync(join(ROOT, 'deploy/grafana/dashboard.json'), 'utf8')) as { panels: Panel[] };
const queries = panels.flatMap(({ title, targets = [] }) => targets.map(({ expr }) => ({ title, expr })));

/** The core of Temporal's SDK, which has the names of its metrics as text. */
const CORE = readFileSync(
  join(
    ROOT,
    `node_modules/@temporalio/core-bridge/releases/${process.arch === 'arm64' ? 'aarch64' : 'x86_64'}-unknown-linux-gnu/index.node`,
  ),
);
/** Labels that Prometheus or Temporal's SDK adds. */
const FOREIGN_LABELS = ['job', 'instance', 'le', 'failure_reason'];

let metrics: readonly Metric[];
beforeAll(async () => {
  metrics = await allMetrics();
});

const exists = (name: string): boolean =>
  name.startsWith('temporal_')
    ? CORE.includes(name.slice('temporal_'.length))
    : metrics.some((metric) => metric.name === name);

/** The labels that a query selects or groups by. */
const labelsIn = (expr: string): string[] => [
  ...[...expr.matchAll(/\bby \(([^)]+)\)/g)].flatMap(([, names = '']) => names.split(',').map((name) => name.trim())),
  ...[...expr.matchAll(/[{,]\s*(\w+)\s*(?:=|!=|=~|!~)"/g)].map(([, name = '']) => name),
];

describe('the alert rules', () => {
  it('are accepted by promtool', async () => {
    expect(await promtool(['check', 'rules', 'alerts.yaml'], FOLDER)).toContain(
      `SUCCESS: ${String(alerts.length)} rules found`,
    );
  }, 120_000);

  it.each(RULE_TESTS)(
    'fire and stay silent as %s says',
    async (file) => {
      expect(await promtool(['test', 'rules', file], FOLDER)).toContain('SUCCESS');
    },
    120_000,
  );

  const tests = RULE_TESTS.flatMap((file) => {
    const parsed = parse(readFileSync(join(FOLDER, file), 'utf8')) as {
      tests: { alert_rule_test: { alertname: string; exp_alerts: object[] }[] }[];
    };
    return parsed.tests;
  });
  it.each(alerts)('$alert has a test in which it fires, one in which it does not, and a place in the docs', (rule) => {
    const cases = tests.flatMap(({ alert_rule_test }) => alert_rule_test);
    const fires = cases
      .filter(({ alertname }) => alertname === rule.alert)
      .map(({ exp_alerts }) => exp_alerts.length > 0);
    expect(new Set(fires)).toEqual(new Set([true, false]));
    expect(rule.annotations.runbook_url).toBe(`docs/metrics.md#${rule.alert.toLowerCase()}`);
    expect(PAGE).toContain(`\n### ${rule.alert}\n`);
    expect(['critical', 'warning', 'info']).toContain(rule.labels.severity);
  });

  it('are all those that the docs name', () => {
    const named = [...PAGE.matchAll(/^### (AzureTemporalOperator\w+)$/gm)].map(([, name]) => name);
    expect(named.sort()).toEqual(alerts.map(({ alert }) => alert).sort());
  });
});

describe('what alerts and dashboard name exists', () => {
  it.each([...alerts.map(({ alert, expr }) => ({ title: alert, expr })), ...queries])('$title: $expr', ({ expr }) => {
    const names = metricsIn(expr);
    expect(names.length).toBeGreaterThan(0);
    expect(names.filter((name) => !exists(name))).toEqual([]);
    const labels = metrics.filter(({ name }) => names.includes(name)).flatMap((metric) => metric.labels);
    expect(labelsIn(expr).filter((label) => ![...labels, ...FOREIGN_LABELS].includes(label))).toEqual([]);
  });

  it('a name that does not exist is found', () => {
    expect(exists('azure_temporal_operator_nothing')).toBe(false);
    expect(exists('temporal_no_such_metric_of_theirs')).toBe(false);
  });
});

describe('the dashboard', () => {
  it('has queries that Prometheus understands', async () => {
    const directory = await mkdtemp(join(tmpdir(), 'dashboard-'));
    try {
      const rules = queries.map(({ expr }, index) => ({
        record: `panel:query:${String(index)}`,
        // What Grafana fills in.
        expr: expr.replaceAll('$__rate_interval', '1m').replaceAll('$job', '.*'),
      }));
      expect(rules.length).toBeGreaterThan(20);
      await writeFile(join(directory, 'rules.yaml'), stringify({ groups: [{ name: 'dashboard', rules }] }));
      expect(await promtool(['check', 'rules', 'rules.yaml'], directory)).toContain('SUCCESS');
    } finally {
      await rm(directory, { recursive: true, force: true });
    }
  }, 120_000);

  it('has no two panels with one id or in one place', () => {
    expect(new Set(panels.map(({ id }) => id)).size).toBe(panels.length);
    const cells = panels.flatMap(({ gridPos: { x, y, w, h } }) =>
      Array.from({ length: w * h }, (_, at) => `${String(x + (at % w))},${String(y + Math.floor(at / w))}`),
    );
    expect(new Set(cells).size).toBe(cells.length);
    expect(panels.every(({ gridPos: { x, w } }) => x + w <= 24)).toBe(true);
  });

  it('shows every metric of ours', () => {
    const shown = new Set(queries.flatMap(({ expr }) => metricsIn(expr)));
    expect(metrics.map(({ name }) => name).filter((name) => !shown.has(name))).toEqual([]);
  });
});

describe('docs/metrics.md', () => {
  it('has a row for each metric, and for no other', () => {
    const rows = [...PAGE.matchAll(/^\| `(azure_temporal_operator_\w+)` *\| *([^|]*?) *\| *([^|]*?) *\|/gm)];
    expect(rows.map(([, name]) => name).sort()).toEqual(metrics.map(({ name }) => name).sort());
    for (const [, name, type = '', labels = ''] of rows) {
      const metric = metrics.find((one) => one.name === name);
      expect([name, type]).toEqual([name, metric?.type]);
      const named = [...labels.matchAll(/`(\w+)`/g)].map(([, label]) => label);
      expect([name, named.sort()]).toEqual([name, [...(metric?.labels ?? [])].sort()]);
    }
  });

  it('names no metric of Temporal that its SDK does not have', () => {
    expect(metricsIn(PAGE).filter((name) => name.startsWith('temporal_') && !exists(name))).toEqual([]);
  });
});

it('each metric of ours has a help text that is a sentence', () => {
  for (const { name, help } of metrics)
    expect([name, help]).toEqual([name, expect.stringMatching(/^[A-Z].{20,}\.$|^[A-Z].*: 1 or 0\.$/)]);
});
