import { Document, type YAMLMap, type YAMLSeq } from 'yaml';

import type { JsonObject } from '../contract.ts';

const COLUMNS = 'additionalPrinterColumns';
const HEADER = '# Generated from kinds/ by npm run generate; do not edit.\n';

/** The content of a generated file that consists of these documents. */
export function toYaml(documents: readonly JsonObject[]): string {
  return HEADER + documents.map((content) => textOf(documentOf(content))).join('---\n');
}

/**
 * The content of the file of a CRD. A schema that several versions share is written once, under the first of them; the
 * others refer to it (`schema: *v1api20210501`). So are the columns, which all versions share.
 */
export function crdToYaml(crd: JsonObject): string {
  const document = documentOf(crd);
  const { versions } = crd['spec'] as { versions: { name: string; schema: JsonObject }[] };
  const nodes = document.getIn(['spec', 'versions']) as YAMLSeq<YAMLMap>;
  const written = new Map<JsonObject, { name: string; node: YAMLMap }>();
  versions.forEach(({ name, schema }, index) => {
    const version = nodes.items[index];
    const first = written.get(schema);
    if (first) version?.set('schema', document.createAlias(first.node, first.name));
    else written.set(schema, { name, node: version?.get('schema', true) as unknown as YAMLMap });
  });
  const [first, ...others] = nodes.items;
  const columns = first?.get(COLUMNS, true) as unknown as YAMLSeq;
  for (const other of others) other.set(COLUMNS, document.createAlias(columns, 'columns'));
  return HEADER + textOf(document);
}

/**
 * kubectl reads YAML 1.1, in which a bare `Off` is false and a bare `2021-05-01` a date, so what it would read otherwise
 * is quoted.
 */
function documentOf(content: JsonObject): Document {
  return new Document(content, { aliasDuplicateObjects: false, compat: 'yaml-1.1' });
}

function textOf(document: Document): string {
  return document.toString({ lineWidth: 0 });
}
