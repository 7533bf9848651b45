import { ARM_REASONS, OWN_REASONS, type Reason } from './reasons.ts';

/** docs/errors.md, whole. */
export function renderErrorsPage(): string {
  return `# Reasons and errors

<!-- Generated from azure/reasons.ts and azure/arm-codes.ts by \`node azure/write-errors-page.ts\`; a test compares. -->

The reason of the \`Ready\` condition is one of the words below. The same word is the type of the failure in Temporal and the search attribute \`ErrorCode\`.

| retry | next attempt |
| --- | --- |
| Fast | 1 s, doubling up to 30 s |
| Slow | 1 s, doubling up to 3 min |
| VerySlow | about once an hour |
| Throttled | when Azure said, for everybody on the subscription; at least 5 s |
| Fatal | none, until the resource or something it refers to changes |

A \`Retry-After\` of Azure is always obeyed. Whatever the class, a change of the resource is acted upon at once. A delete is never given up: there, every failure is a Warning, and Fatal becomes VerySlow.

## Reasons of the operator

${table(OWN_REASONS)}

## Codes of Azure

${table(ARM_REASONS)}

Any other code of Azure becomes the reason as it is, a Warning: Throttled with HTTP 429, VerySlow with HTTP 400, Slow otherwise. Network failures have the system's word (\`ECONNREFUSED\`, \`ENOTFOUND\`, …) and are Slow.

By kind: a \`DatabaseAccount\` that Azure refuses with \`ServiceUnavailable\` for high demand in the region is Fatal (delete it and choose another region); \`OperationNotAllowed\` of \`compute.azure.com\` is quota, and Slow.
`;
}

function table(rows: readonly Reason[]): string {
  const lines = rows.map(({ code, severity, retry, todo }) => `| \`${code}\` | ${severity} | ${retry} | ${todo} |`);
  return ['| reason | severity | retry | what to do |', '| --- | --- | --- | --- |', ...lines].join('\n');
}
