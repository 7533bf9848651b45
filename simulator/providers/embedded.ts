import { asList, asObject, asString, type JsonObject } from '../json.ts';
import type { Call } from '../provider.ts';
import type { StoredResource } from '../store.ts';

/** Lists in a resource's `properties` that are its child resources too, such as the subnets of a network. */
function embeddedLists({ facts }: Pick<Call, 'facts'>, type: string): string[] {
  const paths = facts.row(type)?.shape?.keepChildren ?? [];
  return paths.map((entry) => (typeof entry === 'string' ? entry : entry.path).replace(/^properties\./, ''));
}

/** Takes a parent's PUT apart: a list that it names becomes the children, and a child that it does not name is gone. What is left is the parent. */
export function replaceChildren(call: Call, sent: JsonObject): JsonObject {
  const { target, store, now } = call;
  const properties = { ...asObject(sent['properties']) };
  for (const list of embeddedLists(call, target.type)) {
    const prefix = `${target.key}/${list.toLowerCase()}/`;
    const items = asList(properties[list]).map(asObject);
    delete properties[list];
    const wanted = new Set(items.map((item) => prefix + asString(item['name']).toLowerCase()));
    for (const child of store.below(prefix)) if (!wanted.has(child.key)) store.remove(child.key, now);
    for (const item of items) putChild(call, list, item);
  }
  return sent['properties'] === undefined ? sent : { ...sent, properties };
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

/** `properties` with the lists that the resource's children make up; nothing for a type without such. */
export function childrenOf(call: Call, resource: StoredResource): JsonObject {
  const lists = embeddedLists(call, resource.type);
  if (lists.length === 0) return {};
  const children = lists.map((list): [string, JsonObject[]] => {
    const prefix = `${resource.key}/${list.toLowerCase()}/`;
    const direct = call.store.below(prefix).filter(({ key }) => !key.slice(prefix.length).includes('/'));
    return [list, direct.map(({ body }) => body)];
  });
  return { properties: { ...asObject(resource.body['properties']), ...Object.fromEntries(children) } };
}
