import type { Json } from '../contract.ts';
import { canonical, isObject, textAt } from '../json.ts';

/** The members by which ARM identifies the entries of a list. */
const IDENTITIES = ['name', 'id', 'key'] as const;
/** Above this, comparing every pair of items takes seconds, so the items are paired in their order. */
const MOST_COMPARISONS = 40_000;

interface Lists {
  readonly sent: readonly Json[];
  readonly got: readonly Json[];
  /** The number of differences between an item that was sent and an item of the answer. */
  readonly cost: (sent: number, got: number) => number;
  /** Whether there was too much to compare: then the items that are left are paired in their order. */
  readonly isExhausted: () => boolean;
}

/**
 * Returns for each item that was sent the index of its counterpart in the answer; undefined if the answer has too few
 * items. Items are paired by position, then by identity, then by equality, then by similarity.
 */
export function pairItems(lists: Lists): (number | undefined)[] {
  const { sent, got } = lists;
  // What is not compared is taken for different.
  const cost: Lists['cost'] = (index, other) => (lists.isExhausted() ? 1 : lists.cost(index, other));
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
  if (lists.isExhausted() || rest.sent.length * rest.got.length > MOST_COMPARISONS) {
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
 * For long lists, such as lists of addresses: pairs items by a string that occurs once in each list, if they have no
 * other difference.
 */
function byAnyText(lists: Lists, cost: Lists['cost']): Map<number, number> {
  const [first] = lists.sent;
  const names = isObject(first) ? Object.keys(first) : [undefined];
  const pairs = names.map((name) => byText(lists, name)).find((found) => found !== undefined) ?? [];
  return new Map([...pairs].filter(([index, other]) => cost(index, other) === 0));
}

/** Undefined if an item lacks the string or two items have the same one. */
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

/** Indexes in a stable order: the same item is chosen in whatever order Azure answers. */
function ranked(items: readonly Json[]): number[] {
  const texts = items.map((item) => JSON.stringify(canonical(item)));
  return [...items.keys()].sort((a, b) => ((texts[a] ?? '') < (texts[b] ?? '') ? -1 : 1));
}

interface Free {
  readonly sent: readonly number[];
  readonly got: readonly number[];
}

/**
 * Makes as many pairs without a difference as possible (augmenting paths). An item with few properties matches many
 * others, so a pair may have to be replaced for the sake of another item.
 */
function addEqual(pairs: Map<number, number>, free: Free, cost: Lists['cost']): void {
  const takenBy = new Map<number, number>();
  const findPair = (index: number, tried: Set<number>): boolean => {
    for (const other of free.got) {
      if (tried.has(other) || cost(index, other) > 0) continue;
      tried.add(other);
      const holder = takenBy.get(other);
      if (holder !== undefined && !findPair(holder, tried)) continue;
      takenBy.set(other, index);
      return true;
    }
    return false;
  };
  for (const index of free.sent) findPair(index, new Set());
  for (const [other, index] of takenBy) pairs.set(index, other);
}

/** Pairs the remaining items, the most similar first. */
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
