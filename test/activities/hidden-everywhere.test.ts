import { describe, expect, it } from '@jest/globals';
import { failureOf } from '../../activities/failure.ts';
import { shownStatus } from '../../activities/resource/shown-status.ts';
import { armErrorOfAnswer } from '../../azure/arm-error.ts';
import { formsOf } from '../../azure/clean-message.ts';
import type { Json, JsonObject } from '../../kinds/contract.ts';
import { withValueAt } from '../../kinds/json-path.ts';
import { isObject } from '../../kinds/json.ts';
import type { Node } from '../../kinds/mapping/node.ts';
import { allShapes, type Known } from '../kinds/support/all-shapes.ts';

const CANARY = 'Canary+1/"é"&<x>\\-of-every-kind';
const INPUT: JsonObject = { name: 'a-secret', key: 'a-key' };

/** Specs in which one field names a Secret: one for each field that can. */
function specsOf(node: Node, wrap: (value: Json) => JsonObject): JsonObject[] {
  switch (node.type) {
    case 'secret':
      return [wrap(INPUT)];
    case 'secretMap':
      return [wrap({ name: 'a-secret' })];
    case 'array':
      return specsOf(node.items, (value) => wrap([value]));
    case 'map':
      return specsOf(node.values, (value) => wrap({ a: value }));
    case 'object':
      return node.fields.flatMap((field) => specsOf(field.node, (value) => wrap({ [field.name]: value })));
    default:
      return [];
  }
}

/** Where one of two twin fields is required, sets the plain one too. */
function payloadOf(known: Known, spec: JsonObject): JsonObject {
  const inputs = new Map(
    known.shape.inputs(spec).map(({ path, type }) => [path, type === 'secretMap' ? { a: CANARY } : CANARY] as const),
  );
  try {
    return known.shape.payload({ spec, name: 'n', inputs });
  } catch (error) {
    const missing = /of spec\.(\S+) and .* one of them is required/.exec(String(error))?.[1];
    if (missing === undefined) throw error;
    const more = withValueAt(spec, missing, 'something');
    return payloadOf(known, isObject(more) ? more : {});
  }
}

const PAYLOADS = allShapes().flatMap((known) =>
  specsOf(known.node, (value) => value as JsonObject).map((spec) => ({ known, payload: payloadOf(known, spec) })),
);
const isLeaked = (text: string): boolean => formsOf(CANARY).some((form) => text.includes(form));

describe('a secret in any field of any kind', () => {
  it('is in the payloads: the tests below look at them', () => {
    expect(PAYLOADS.length).toBeGreaterThan(200);
    expect(PAYLOADS.filter(({ payload }) => !isLeaked(JSON.stringify(payload)))).toEqual([]);
  });

  it('is not in a failure, however Azure quotes the body', () => {
    const leaks = PAYLOADS.filter(({ known, payload }) => {
      const body = JSON.stringify(payload);
      const message = `Bad body ${body}; ${JSON.stringify(body)}; ${CANARY}; ${encodeURIComponent(CANARY)}`;
      const answer = { status: 400, body: { error: { code: 'Bad', message } }, retryAfterMs: undefined };
      const error = armErrorOfAnswer({ ...answer, requestId: undefined });
      const secrets = { values: [CANARY], complete: true };
      return isLeaked(JSON.stringify(failureOf(error, { ref: known.kind, deleting: false, secrets })));
    });
    expect(leaks.map(({ known }) => known.id)).toEqual([]);
  });

  it('is not in the status when Azure answers with all that it was sent', () => {
    const leaks = PAYLOADS.filter(({ known, payload }) =>
      isLeaked(JSON.stringify(shownStatus(known.shape, payload, [CANARY]))),
    );
    expect(leaks.map(({ known }) => known.id)).toEqual([]);
  });
});
