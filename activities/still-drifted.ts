import type { JsonObject, Shape } from '../kinds/contract.ts';

/**
 * Which of the fields that a PUT was to correct Azure left as it has them: it normalises some values and ignores others. Sending them again at each resync
 * would burn write quota for nothing, so they count as settled until the spec changes.
 */
export function stillDrifted(
  shape: Pick<Shape, 'drift'>,
  { payload, answer, corrects }: { payload: JsonObject; answer: JsonObject; corrects: readonly string[] | undefined },
): string[] {
  if (corrects === undefined || corrects.length === 0) return [];
  return shape.drift(payload, answer).filter((path) => corrects.includes(path));
}
