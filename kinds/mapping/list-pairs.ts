import type { Json } from '../contract.ts';
import { inOrder, isObject, textAt } from '../json.ts';

/** The members by which ARM identifies the entries of a list. */
const IDENTITIES = ['name', 'id', 'key'] as const;
/** Comparing each item with each other takes seconds beyond this; items are then paired in their order. */
const MOST_COMPARISONS = 40_000;

interface Lists {
  readonly sent: readonly Json[];
  readonly got: readonly Json[];
  /** The number of places in which an item that was sent and one of the answer differ. */
  readonly cost: (sent: number, got: number) => number;
}

/**
 * Returns for each item that was sent the index of its counterpart in the answer; undefined where the answer has too
 * few. Items are paired by position, then by identity, then by equality, then by similarity.
 */
export function pairItems(lists: Lists): (number | undefined)[] {
  const { sent, got } = lists;
  const cost = remembered(lists);
  const inPlace = sent.length === got.length && sent.every((_, index) => cost(index, index) === 0);
  const isOnlyOne = sent.length === 1 && got.length === 1;
  if (inPlace || isOnlyOne) return [...sent.keys()];
  const pairs = byIdentity(lists) ?? byAnyText(lists, cost);
  const free = (): { sent: number[]; got: number[] } => {
    const taken = new Set(pairs.values());
    return {
      sent: [...sent.keys()].filter((index) => !pairs.has(index)),
      got: ranked(got).filter((other) => !taken.has(other)),
    };
  };
  const rest = free();
  if (rest.sent.length * rest.got.length > MOST_COMPARISONS) {
    rest.sent.forEach((index, at) => {
      const other = rest.got[at];
      if (other !== undefined) pairs.set(index, other);
    });
  } else {
    addEqual(pairs, rest, cost);
    addAlike(pairs, free(), cost);
  }
  return [...sent.keys()].map((index) => pairs.get(index));
}

function byIdentity(lists: Lists): Map<number, number> | undefined {
  return IDENTITIES.map((name) => byText(lists, name)).find((pairs) => pairs !== undefined);
}

/**
 * For long lists, of addresses for example: pairs items by a text that occurs once in each list, where they are equal
 * in everything else.
 */
function byAnyText(lists: Lists, cost: Lists['cost']): Map<number, number> {
  const [first] = lists.sent;
  const names = isObject(first) ? Object.keys(first) : [undefined];
  const pairs = names.map((name) => byText(lists, name)).find((found) => found !== undefined) ?? [];
  return new Map([...pairs].filter(([index, other]) => cost(index, other) === 0));
}

/** Undefined where an item lacks the text, or two items have the same. */
function byText({ sent, got }: Lists, name: string | undefined): Map<number, number> | undefined {
  const [mine, theirs] = [indexBy(sent, name), indexBy(got, name)];
  if (!mine || !theirs) return undefined;
  return new Map(
    [...mine].flatMap(([text, index]): [number, number][] => {
      const other = theirs.get(text);
      return other === undefined ? [] : [[index, other]];
    }),
  );
}

function indexBy(items: readonly Json[], name: string | undefined): Map<string, number> | undefined {
  const texts = items.map((item) => (name === undefined ? item : isObject(item) ? textAt(item, name) : undefined));
  const index = new Map(
    texts.flatMap((text, at): [string, number][] =>
      typeof text === 'string' ? [[text.toLowerCase().replace(/\/+$/, ''), at]] : [],
    ),
  );
  return index.size === items.length ? index : undefined;
}

/** Sorted, so that the same item is chosen whatever the order of the answer. */
function ranked(items: readonly Json[]): number[] {
  const texts = items.map((item) => JSON.stringify(inOrder(item)));
  return [...items.keys()].sort((a, b) => ((texts[a] ?? '') < (texts[b] ?? '') ? -1 : 1));
}

/** Remembers costs: pairs are broken up and made again, so most are asked for many times. */
function remembered({ got, cost }: Lists): Lists['cost'] {
  const known = new Map<number, number>();
  return (index, other) => {
    const at = index * got.length + other;
    const found = known.get(at) ?? cost(index, other);
    known.set(at, found);
    return found;
  };
}

interface Free {
  readonly sent: readonly number[];
  readonly got: readonly number[];
}

/**
 * Makes as many pairs without a difference as possible (augmenting paths). An item of which little was sent fits many
 * others, so a pair may have to be broken up for another.
 */
function addEqual(pairs: Map<number, number>, free: Free, cost: Lists['cost']): void {
  const takenBy = new Map<number, number>();
  const place = (index: number, tried: Set<number>): boolean => {
    for (const other of free.got) {
      if (tried.has(other) || cost(index, other) > 0) continue;
      tried.add(other);
      const holder = takenBy.get(other);
      if (holder !== undefined && !place(holder, tried)) continue;
      takenBy.set(other, index);
      return true;
    }
    return false;
  };
  for (const index of free.sent) place(index, new Set());
  for (const [other, index] of takenBy) pairs.set(index, other);
}

/** Pairs the others, the most similar first. */
function addAlike(pairs: Map<number, number>, free: Free, cost: Lists['cost']): void {
  const candidates = free.sent
    .flatMap((index) => free.got.map((other, rank) => ({ index, other, rank, cost: cost(index, other) })))
    .sort((a, b) => a.cost - b.cost || a.index - b.index || a.rank - b.rank);
  const taken = new Set<number>();
  for (const { index, other } of candidates) {
    if (pairs.has(index) || taken.has(other)) continue;
    pairs.set(index, other);
    taken.add(other);
  }
}
