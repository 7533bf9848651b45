import { describe, expect, it } from '@jest/globals';

import { Reflector } from '../../kube/reflector.ts';
import { answers, fakeApi, thing, type Answer } from './fake-api.ts';

const TIMING = { backoff: { firstMs: 5, maxMs: 20 }, minSeconds: 0, maxSeconds: 0, overdueMs: 150, shortMs: 1000 };
const open = answers.events([], 'open');
const added = { type: 'ADDED', object: thing('b', '2') };
const expired = { type: 'ERROR', object: { kind: 'Status', code: 410, reason: 'Expired' } };

interface Row {
  reason: string;
  list?: Answer[];
  watch: Answer[];
  throwOn?: string;
  /** What the handlers must have been called with in the end, in order. */
  heard: string[];
  /** The requests up to that moment. */
  asked?: string[];
}

const rows: Row[] = [
  {
    reason: 'a plain list and watch',
    watch: [answers.events([added], 'open')],
    heard: ['+a', '+b'],
    asked: ['list', 'watch 1'],
  },
  {
    reason: 'a 503 on LIST is retried',
    list: [answers.refuse(503), answers.list('1', thing('a', '1'))],
    watch: [open],
    heard: ['+a'],
    asked: ['list', 'list'],
  },
  {
    reason: 'after a 503 on WATCH, the watch resumes at the same version',
    watch: [answers.refuse(503), answers.events([added], 'open')],
    heard: ['+a', '+b'],
    asked: ['list', 'watch 1', 'watch 1'],
  },
  {
    reason: 'a 403 is retried: the API server may not have loaded its roles yet',
    watch: [answers.refuse(403), answers.events([added], 'open')],
    heard: ['+a', '+b'],
    asked: ['list', 'watch 1', 'watch 1'],
  },
  {
    reason: 'a 429 is retried',
    watch: [answers.refuse(429, { 'retry-after': '0' }), answers.events([added], 'open')],
    heard: ['+a', '+b'],
  },
  {
    reason: 'a reset before the answer is retried',
    watch: [answers.reset(), answers.events([added], 'open')],
    heard: ['+a', '+b'],
  },
  {
    reason: 'after a reset in the stream, the watch resumes at the last event',
    watch: [answers.events([added], 'reset'), answers.events([{ type: 'DELETED', object: thing('b', '3') }], 'open')],
    heard: ['+a', '+b', '-b'],
    asked: ['list', 'watch 1', 'watch 2'],
  },
  {
    reason: 'a bookmark advances the version',
    watch: [answers.events([{ type: 'BOOKMARK', object: thing('', '9') }], 'end'), answers.events([added], 'open')],
    heard: ['+a', '+b'],
    asked: ['list', 'watch 1', 'watch 9'],
  },
  {
    reason: 'a 410 in the stream causes a list, which reports deletions before additions',
    list: [answers.list('1', thing('a', '1')), answers.list('5', thing('a', '4', 'other'))],
    watch: [answers.events([expired], 'open'), open],
    heard: ['+a', '-a', '+a'],
    asked: ['list', 'watch 1', 'list'],
  },
  {
    reason: 'an event cut in two by the end of the stream is requested again',
    watch: [answers.events([], 'end', '{"type":"ADDED","obj'), answers.events([added], 'open')],
    heard: ['+a', '+b'],
    asked: ['list', 'watch 1', 'watch 1'],
  },
  {
    reason: 'an unknown event type is an error, not an event',
    watch: [answers.events([{ type: 'WHAT', object: thing('x', '8') }], 'end'), answers.events([added], 'open')],
    heard: ['+a', '+b'],
    asked: ['list', 'watch 1', 'watch 1'],
  },
  {
    reason: 'a throwing handler does not stop the stream',
    watch: [answers.events([added, { type: 'ADDED', object: thing('c', '3') }], 'open')],
    throwOn: 'b',
    heard: ['+a', '+c'],
  },
  {
    reason: 'a stream that does not end in time is abandoned',
    watch: [open, answers.events([added], 'open')],
    heard: ['+a', '+b'],
    asked: ['list', 'watch 1', 'watch 1'],
  },
];

describe('Reflector', () => {
  it.each(rows)('$reason', async ({ list, watch, throwOn, heard, asked }) => {
    await using api = await fakeApi({ list: list ?? [answers.list('1', thing('a', '1'))], watch });
    const told: string[] = [];
    const faults: string[] = [];
    const reflector = new Reflector(api.transport, {
      path: '/api/v1/things',
      metadataOnly: true,
      timing: TIMING,
      onUpsert: ({ metadata }) => {
        if (metadata.name === throwOn) throw new Error('no');
        told.push(`+${metadata.name}`);
      },
      onDelete: ({ name }) => told.push(`-${name}`),
      onError: ({ phase }) => faults.push(phase),
    });
    reflector.start();
    await until(() => told.length >= heard.length);
    const seen = api.seen.slice(0, asked?.length);
    await reflector.stop();
    expect(told).toEqual(heard);
    if (asked) expect(seen).toEqual(asked);
    expect(faults.filter((phase) => phase === 'handler')).toHaveLength(throwOn ? 1 : 0);
    expect(api.accepts.every((accept) => accept?.includes('as=PartialObjectMetadata'))).toBe(true);
  });

  it('tells how many objects a later list found to differ, and nothing of the first', async () => {
    await using api = await fakeApi({
      list: [
        answers.list('1', thing('a', '1'), thing('b', '1'), thing('c', '1')),
        answers.list('9', thing('a', '1'), thing('b', '7')),
      ],
      watch: [answers.events([expired], 'open'), open],
    });
    const told: number[] = [];
    const reflector = new Reflector(api.transport, {
      path: '/api/v1/things',
      metadataOnly: true,
      timing: { ...TIMING, minSeconds: 5, maxSeconds: 5 },
      onUpsert: () => undefined,
      onDelete: () => undefined,
      onCorrected: (objects) => told.push(objects),
    });
    reflector.start();
    await until(() => told.length > 0);
    await reflector.stop();
    // b was changed, c deleted.
    expect(told).toEqual([2]);
  });

  it('waits as long as Retry-After says', async () => {
    await using api = await fakeApi({
      list: [answers.list('1')],
      watch: [answers.refuse(429, { 'retry-after': '1' }), open],
    });
    const waits: number[] = [];
    const reflector = new Reflector(api.transport, {
      path: '/api/v1/things',
      metadataOnly: false,
      timing: TIMING,
      onUpsert: () => undefined,
      onDelete: () => undefined,
      onError: ({ retryInMs }) => waits.push(retryInMs),
    });
    reflector.start();
    await until(() => waits.length > 0);
    await reflector.stop();
    expect(waits[0]).toBe(1000);
  });

  it.each<{ reason: string; watch: Answer; faults: string[] }>([
    {
      reason: 'the planned end of a watch without a bookmark is no error: kinds without events get none',
      watch: (res) => {
        res.writeHead(200).flushHeaders();
        setTimeout(() => res.end(), 200);
      },
      faults: [],
    },
    {
      reason: 'a connection that outlives its planned end is reported as a timeout, with the path',
      watch: open,
      faults: ['cannot WATCH /api/v1/things: Timeout'],
    },
  ])('$reason', async ({ watch, faults }) => {
    await using api = await fakeApi({
      list: [answers.list('1')],
      watch: [watch, (res) => res.writeHead(200).flushHeaders()],
    });
    const told: string[] = [];
    const reflector = new Reflector(api.transport, {
      path: '/api/v1/things',
      metadataOnly: true,
      timing: { ...TIMING, shortMs: 50, overdueMs: 400 },
      onUpsert: () => undefined,
      onDelete: () => undefined,
      onError: ({ error }) => told.push((error as Error).message),
    });
    reflector.start();
    await until(() => api.seen.length >= 3);
    await reflector.stop();
    expect(told).toEqual(faults);
  });

  it('lists at once when the version expired on a server that was unreachable before', async () => {
    await using api = await fakeApi({
      list: [answers.list('1'), answers.list('5', thing('a', '4'))],
      watch: [answers.reset(), answers.refuse(503), answers.refuse(503), answers.refuse(410), open],
    });
    const waits: number[] = [];
    const reflector = new Reflector(api.transport, {
      path: '/api/v1/things',
      metadataOnly: false,
      timing: TIMING,
      onUpsert: () => undefined,
      onDelete: () => undefined,
      onError: ({ retryInMs }) => waits.push(retryInMs),
    });
    reflector.start();
    await until(() => waits.length >= 4);
    await reflector.stop();
    expect(waits[3]).toBe(0);
    expect(waits[2]).toBeGreaterThan(0);
  });

  it('backs off from a server that ends every watch at once', async () => {
    await using api = await fakeApi({ list: [answers.list('1')], watch: [answers.events([], 'end')] });
    const reflector = new Reflector(api.transport, {
      path: '/api/v1/things',
      metadataOnly: false,
      timing: { ...TIMING, backoff: { firstMs: 50, maxMs: 1000 } },
      onUpsert: () => undefined,
      onDelete: () => undefined,
    });
    reflector.start();
    await new Promise((resolve) => setTimeout(resolve, 600));
    await reflector.stop();
    expect(api.seen.length).toBeLessThan(9);
  });
});

async function until(done: () => boolean): Promise<void> {
  const end = Date.now() + 3000;
  while (!done()) {
    if (Date.now() > end) throw new Error('not within 3 s');
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
}
