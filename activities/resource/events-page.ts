import { TRANSITIONS } from './transitions.ts';

/** Renders docs/events.md. */
export function renderEventsPage(): string {
  return `# Events

<!-- Generated from activities/resource/transitions.ts by \`npm run generate\`; \`npm run check\` compares. -->

The operator tells each transition of a resource as an Event (\`events.k8s.io/v1\`). So the story of a resource can be
read without Temporal:

\`\`\`
kubectl events --for KIND/NAME
\`\`\`

${table()}

A text in braces is a fact, such as the generation. Where the reason is that of the condition,
[errors.md](errors.md) says what to do.

## What is told once, and what is not told

- A creation costs three Events (\`Claimed\`, \`CreateSent\`, \`Ready\`), or four if Azure works on it (\`AzureWorking\`). Each
  is one request to the API server. The step does not wait for it.
- A resync that finds nothing tells nothing. Nor does a wait whose timer fires, or an attempt that fails for the same
  reason as the one before, also if Azure's message has another request id or time in it.
- An Event that happens again while the first one is still there becomes a series: kubectl shows \`2m (x3 over 10m)\`. Its
  message is that of the first, and it costs three requests. Kubernetes removes an Event an hour after its last change (\`--event-ttl\` of the API
  server).
- \`Overlap\` is not counted up. It is told again when Kubernetes has removed it.
- A step that was cancelled tells nothing more, because the one after it does.

Events are best effort. One that the API server refuses (no right, a namespace that is being deleted) is dropped, and so
is one that cannot be written within 5 s, and what is left one second after the worker has stopped. Nothing depends on an
Event: the condition says the same.

An Event contains no secret, by the same rules as the condition ([security.md](security.md)). It names the version of the
kind that the API server prefers, because \`kubectl events --for\` finds no others. The worker needs \`get\`, \`create\` and
\`patch\` on \`events.events.k8s.io\` ([settings.md](settings.md#rights-in-kubernetes)).

## Columns of kubectl get

\`kubectl get KIND\` shows the \`Ready\` condition (\`READY\`, \`SEVERITY\`, \`REASON\`, \`MESSAGE\`) and the age. \`-o wide\` adds:

| column | meaning |
| --- | --- |
| \`SINCE\` | how long the condition has said what it says |
| \`NEXT ATTEMPT\` | when a failed step or reconcile is tried again (UTC). Empty if that is within 40 s, if it waits for a change, if only a change or the next resync can help (severity Error), and if nothing failed. A change of the resource starts the next attempt at once |
| \`WORKFLOW\` | the workflow id, to be found in the Temporal UI |
| \`AZURE ID\` | the ARM id, as of the claim |

\`NEXT ATTEMPT\` and \`WORKFLOW\` stand in \`status.azureTemporalOperator\`. A resource of an earlier release gets its workflow
id with the first reconcile of this one. While the attempt runs, its time stays until the attempt writes something.
`;
}

function table(): string {
  const rows = Object.values(TRANSITIONS).flatMap((transition) => {
    if (!('event' in transition)) return [];
    const { event, text } = transition;
    const reason = event.reason === null ? "the condition's" : `\`${event.reason}\``;
    return [`| ${reason} | ${event.type} | ${event.when} | ${text} |`];
  });
  return ['| reason | type | when | message |', '| --- | --- | --- | --- |', ...rows].join('\n');
}
