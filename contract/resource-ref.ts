/** A custom resource by name. */
export interface ResourceRef {
  readonly group: string;
  readonly kind: string;
  readonly namespace: string;
  readonly name: string;
}

/** `<Kind>.<group> <namespace>/<name>`, for messages and the log. */
export function titleOf({ kind, group, namespace, name }: ResourceRef): string {
  return `${kind}.${group} ${namespace}/${name}`;
}

/**
 * Temporal's SQL databases keep workflow ids in columns of this many characters. Kind, group, namespace and name can
 * have 391 together.
 */
const LONGEST_ID = 255;
const HASH_CHARACTERS = 16;

/**
 * `<Kind>.<group>/<namespace>/<name>`: readable in the UI, and easy to type on a command line. Where that is too long
 * for a database, the end of the name is replaced by `~` and a hash of the name. No name in Kubernetes has a `~`.
 */
export function workflowId(ref: ResourceRef): string {
  const id = `${ref.kind}.${ref.group}/${ref.namespace}/${ref.name}`;
  if (id.length <= LONGEST_ID) return id;
  return `${id.slice(0, LONGEST_ID - 1 - HASH_CHARACTERS)}~${hashOf(ref.name)}`;
}

/**
 * FNV-1a with 64 bits, because workflow code has no `node:crypto`. Whoever makes two names collide has both resources:
 * kind and namespace are never cut.
 */
function hashOf(text: string): string {
  let hash = 0xcbf29ce484222325n;
  for (const character of text) {
    hash = BigInt.asUintN(64, (hash ^ BigInt(character.codePointAt(0) ?? 0)) * 0x100000001b3n);
  }
  return hash.toString(16).padStart(HASH_CHARACTERS, '0');
}

export const TASK_QUEUE = 'azure-resources';
/** The workflow's type name, so that a client need not import workflow code. */
export const WORKFLOW_TYPE = 'azureResource';
/**
 * The task queue for polls of long operations. They occupy their slots for minutes, so they are kept apart from the
 * other steps.
 */
export const POLL_TASK_QUEUE = 'azure-resource-polls';
