import { asList, asObject, asString, mergePatch, type Json, type JsonObject } from '../json.ts';
import type { Call } from '../provider.ts';
import type { StoredResource } from '../store.ts';

/**
 * The path of a list in the body of a resource whose items are also child resources, such as the subnets of a network.
 */
type Path = readonly string[];

/**
 * The extensions of a scale set, which are not in its row: `keepChildren` of a row names only lists directly below
 * `properties`.
 */
const extensions: Path = ['properties', 'virtualMachineProfile', 'extensionProfile', 'extensions'];

function embeddedLists({ facts }: Pick<Call, 'facts'>, type: string): Path[] {
  if (type.toLowerCase() === 'microsoft.compute/virtualmachinescalesets') return [extensions];
  const paths = facts.row(type)?.shape?.keepChildren ?? [];
  return paths.map((entry) => (typeof entry === 'string' ? entry : entry.path).split('.'));
}

/**
 * Handles the children in the PUT of a parent: each item of a list becomes a child, and a child that is not in the list
 * is deleted. Returns the parent without its children.
 */
export function replaceChildren(call: Call, sent: JsonObject): JsonObject {
  const { target, store, now } = call;
  let parent = sent;
  for (const path of embeddedLists(call, target.type)) {
    const list = path.at(-1) ?? '';
    const prefix = `${target.key}/${list.toLowerCase()}/`;
    const items = asList(valueAt(sent, path)).map(asObject);
    const wanted = new Set(items.map((item) => prefix + asString(item['name']).toLowerCase()));
    for (const child of store.below(prefix)) if (!wanted.has(child.key)) store.remove(child.key, now);
    for (const item of items) putChild(call, list, item);
    if (items.length > 0) parent = mergePatch(parent, nested(path, null));
  }
  return parent;
}

function putChild({ target, store, now }: Call, list: string, item: JsonObject): void {
  const name = asString(item['name']);
  const id = `${target.id}/${list}/${name}`;
  const type = `${target.type}/${list}`;
  const key = id.toLowerCase();
  const before = store.get(key);
  const properties = { ...asObject(item['properties']), provisioningState: 'Succeeded' };
  const body: JsonObject = { ...item, id, name, type, properties };
  const createdAt = before?.createdAt ?? now;
  store.put({ key, id, type, name, createdAt, phase: 'ready', phaseSince: now, sent: item, body });
}

/** The body with the lists of its children. */
export function withChildren(call: Call, resource: StoredResource): JsonObject {
  return embeddedLists(call, resource.type).reduce((body, path) => {
    const prefix = `${resource.key}/${path.at(-1)?.toLowerCase() ?? ''}/`;
    const direct = call.store.below(prefix).filter(({ key }) => !key.slice(prefix.length).includes('/'));
    const always = path.length === 2;
    const list = direct.map((child) => child.body);
    return always || list.length > 0 ? mergePatch(body, nested(path, list)) : body;
  }, resource.body);
}

function valueAt(body: JsonObject, path: Path): Json | undefined {
  return path.reduce<Json | undefined>((value, name) => asObject(value)[name], body);
}

function nested(path: Path, value: Json): JsonObject {
  const [first = '', ...rest] = path;
  return { [first]: rest.length === 0 ? value : nested(rest, value) };
}
