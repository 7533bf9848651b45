import { createHash } from 'node:crypto';

/** The parts of a bill of materials (CycloneDX) that npm fills with a random number and the time. */
export interface Bom {
  serialNumber: string;
  metadata: { timestamp?: string };
}

/**
 * The text of a bill of materials that is the same for the same content: its serial number follows from the content,
 * and its time is the given one, or is left out.
 */
export function reproducible(bom: Bom, timestamp?: string): string {
  const { timestamp: _now, ...metadata } = bom.metadata;
  const fixed = { ...bom, metadata: { ...(timestamp !== undefined && { timestamp }), ...metadata } };
  const serialNumber = `urn:uuid:${uuidOf(JSON.stringify({ ...fixed, serialNumber: '' }))}`;
  return `${JSON.stringify({ ...fixed, serialNumber }, undefined, 2)}\n`;
}

/** A UUID of version 8, which RFC 9562 leaves to the application: here of the SHA-256 of a text. */
function uuidOf(text: string): string {
  const hex = createHash('sha256').update(text).digest('hex');
  const parts = [
    hex.slice(0, 8),
    hex.slice(8, 12),
    `8${hex.slice(13, 16)}`,
    `8${hex.slice(17, 20)}`,
    hex.slice(20, 32),
  ];
  return parts.join('-');
}
