import type { ASTNode } from '@marcbachmann/cel-js';
import type { Json } from '../contract.ts';
import { CEL_LIMITS, CelLimitError } from './cel-limits.ts';

/** How large the values are that an expression can reach. */
export interface Sizes {
  /** The number of items of the longest list or map. */
  readonly items: number;
  /** The number of characters of the longest text. */
  readonly text: number;
}

/** What is assumed before there are values. */
export const ASSUMED_SIZES: Sizes = { items: 10, text: 100 };

/** The sizes of a value. */
export function sizesOf(value: Json): Sizes {
  if (typeof value === 'string') return { items: 0, text: value.length };
  if (typeof value !== 'object' || value === null) return { items: 0, text: 0 };
  const items = Array.isArray(value) ? value : Object.values(value);
  let [most, text] = [items.length, 0];
  for (const item of items) {
    const sizes = sizesOf(item);
    most = Math.max(most, sizes.items);
    text = Math.max(text, sizes.text);
  }
  return { items: most, text };
}

/**
 * Refuses an expression whose evaluation would cost too much, before it is evaluated. The estimate is simpler than that
 * of Kubernetes, and errs on the high side:
 *
 * - each part of an expression costs 1;
 * - a macro (`map`, `filter`, `all`, `exists`, `exists_one`) costs its body times the number of items: those of a list
 *   that is written out, else of the longest list or map (the longest text if the expression splits one);
 * - `matches` costs the length of the longest text times that of the pattern, divided by 100, and any other function one
 *   for each 100 characters of the longest text;
 * - `cel.bind` costs its parts: it evaluates its value once.
 *
 * @throws CelLimitError
 */
export function checkCost(root: ASTNode, sizes: Sizes): void {
  const splits = root.input.includes('split');
  const cost = costOf(root, { items: splits ? Math.max(sizes.items, sizes.text) : sizes.items, text: sizes.text });
  if (cost > CEL_LIMITS.cost)
    throw new CelLimitError(
      `the expression is estimated to take ${cost.toExponential(0)} steps, and may take ${CEL_LIMITS.cost.toExponential(0)}: nest fewer of map, filter, all, exists and exists_one, or use shorter lists`,
    );
}

const MACROS: ReadonlySet<string> = new Set(['map', 'filter', 'all', 'exists', 'exists_one']);

function costOf(node: ASTNode, sizes: Sizes): number {
  if (node.op === 'rcall') {
    const [name, receiver, args] = node.args;
    if (MACROS.has(name) && args.length > 1)
      return costOf(receiver, sizes) + itemsOf(receiver, sizes) * (1 + sum(args.slice(1), sizes));
    return callCost(name, args, sizes) + costOf(receiver, sizes) + sum(args, sizes);
  }
  if (node.op === 'call') return callCost(node.args[0], node.args[1], sizes) + sum(node.args[1], sizes);
  return 1 + sum(childrenOf(node), sizes);
}

function callCost(name: string, args: readonly ASTNode[], { text }: Sizes): number {
  const [pattern] = args;
  if (name !== 'matches' || pattern === undefined) return 1 + text / 100;
  const isLiteral = pattern.op === 'value' && typeof pattern.args === 'string';
  return 1 + (text * (isLiteral ? pattern.args.length : text)) / 100;
}

function itemsOf(receiver: ASTNode, { items }: Sizes): number {
  return receiver.op === 'list' || receiver.op === 'map' ? receiver.args.length : items;
}

function sum(nodes: readonly ASTNode[], sizes: Sizes): number {
  return nodes.reduce((total, node) => total + costOf(node, sizes), 0);
}

/** The parts of a part. Where a macro is expanded, these are still the parts as they were written. */
export function childrenOf(node: ASTNode): readonly ASTNode[] {
  switch (node.op) {
    case 'value':
    case 'id':
      return [];
    case '.':
    case '.?':
      return [node.args[0]];
    case 'call':
      return node.args[1];
    case 'rcall':
      return [node.args[1], ...node.args[2]];
    case 'map':
      return node.args.flat();
    case '!_':
    case '-_':
      return [node.args];
    default:
      return node.args;
  }
}
