import { RETRY_DELAYS } from './classify.ts';
import type { RetryClass } from './contract.ts';
import { ARM_REASONS, OWN_REASONS, type Reason } from './reasons.ts';

/** Renders docs/errors.md. */
export function renderErrorsPage(): string {
  return `# Reasons and errors

<!-- Generated from azure/reasons.ts and azure/arm-codes.ts by \`npm run generate\`; \`npm run check\` compares. -->

The \`Ready\` condition has one of the reasons below. The same word is the type of the failure in Temporal and the value of the search attribute \`ErrorCode\`.

| retry | next attempt |
| --- | --- |
${(['Fast', 'Slow', 'VerySlow', 'Throttled'] as const).map(delayRow).join('\n')}
| Wait | when the object that it waits for changes, which the operator watches, and every few minutes. An object that disappears during a step counts as Fast |
| Fatal | none until the resource or something it refers to changes, or until the next resync |
| None | not a failure, or the attempt has nothing more to do |

Azure's \`Retry-After\` is always obeyed. In every class, a change of the resource starts the next attempt at once. Deletions are never given up: every failure is a Warning, and Fatal becomes VerySlow.

## Reasons of the operator

${table(OWN_REASONS)}

## Codes of Azure

${table(ARM_REASONS)}

Any other code of Azure becomes the reason unchanged, with severity Warning: Throttled with HTTP 429, VerySlow with HTTP 400 (Azure also answers 400 while something that was just created is not ready, so the first attempts follow soon), Slow otherwise. Network failures have the system's error code (\`ECONNREFUSED\`, \`ENOTFOUND\`, …) and are Slow.

By kind: a \`DatabaseAccount\` that Azure refuses with \`ServiceUnavailable\` for high demand in the region is Fatal (delete it and choose another region); \`OperationNotAllowed\` of \`compute.azure.com\` is quota, and Slow.
`;
}

function delayRow(retry: Exclude<RetryClass, 'Fatal'>): string {
  const { delaysMs, shorter, longer } = RETRY_DELAYS[retry];
  const distinct = [...new Set(delaysMs)].map(duration);
  const last = distinct.pop() ?? '';
  const spread =
    shorter === 0 && longer === 0
      ? ''
      : `; ${shorter === 0 ? 'up to' : '±'} ${longer * 100} %${shorter === 0 ? ' longer' : ''}, at random`;
  const first = retry === 'Throttled' ? 'when Azure allows it, but not before ' : 'after ';
  return `| ${retry} | ${first}${distinct.join(', ')}, then every ${last}${spread} |`;
}

function duration(ms: number): string {
  if (ms < 60_000) return `${ms / 1_000} s`;
  if (ms % 60_000 !== 0) return `${Math.trunc(ms / 60_000)} min ${(ms % 60_000) / 1_000} s`;
  return ms < 3_600_000 ? `${ms / 60_000} min` : `${ms / 3_600_000} h`;
}

function table(rows: readonly Reason[]): string {
  const lines = rows.map(({ code, severity, retry, todo }) => `| \`${code}\` | ${severity} | ${retry} | ${todo} |`);
  return ['| reason | severity | retry | what to do |', '| --- | --- | --- | --- |', ...lines].join('\n');
}
