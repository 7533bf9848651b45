import { RETRY_DELAYS } from './classify.ts';
import type { RetryClass } from './contract.ts';
import { ARM_REASONS, OWN_REASONS, type Reason } from './reasons.ts';

/** docs/errors.md, whole. */
export function renderErrorsPage(): string {
  return `# Reasons and errors

<!-- Generated from azure/reasons.ts and azure/arm-codes.ts by \`npm run generate\`; \`npm run check\` compares. -->

The reason of the \`Ready\` condition is one of the words below. The same word is the type of the failure in Temporal and the search attribute \`ErrorCode\`.

| retry | next attempt |
| --- | --- |
${(['Fast', 'Slow', 'VerySlow', 'Throttled'] as const).map(delayRow).join('\n')}
| Wait | when what it waits for changes, which the operator watches; besides, it looks again every few minutes. What goes missing in the middle of a step is as Fast |
| Fatal | none, until the resource or something it refers to changes; the resync tries too |
| None | not a failure, or nothing that this attempt could do |

A \`Retry-After\` of Azure is always obeyed. Whatever the class, a change of the resource is acted upon at once. A delete is never given up: there, every failure is a Warning, and Fatal becomes VerySlow.

## Reasons of the operator

${table(OWN_REASONS)}

## Codes of Azure

${table(ARM_REASONS)}

Any other code of Azure becomes the reason as it is, a Warning: Throttled with HTTP 429, VerySlow with HTTP 400 (Azure answers it too while something that was made a moment ago is not ready, so the first attempts come soon), Slow otherwise. Network failures have the system's word (\`ECONNREFUSED\`, \`ENOTFOUND\`, …) and are Slow.

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
  const first = retry === 'Throttled' ? 'when Azure said, but not before ' : 'after ';
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
