const NEWLINE = 0x0a;

/** A line this long is not an object: etcd takes 1.5 MiB. */
const MAX_LINE = 4 * 1024 * 1024;

/**
 * The lines of a stream of bytes; split before decoding, so that a character cut in two by a chunk is whole again.
 * @throws Error when the stream ends inside a line or a line is too long
 */
export async function* byteLines(chunks: AsyncIterable<Uint8Array>): AsyncGenerator<string> {
  let held: Uint8Array[] = [];
  let size = 0;
  for await (const chunk of chunks) {
    let start = 0;
    for (let end = chunk.indexOf(NEWLINE); end !== -1; end = chunk.indexOf(NEWLINE, start)) {
      const line = Buffer.concat([...held, chunk.subarray(start, end)]).toString('utf8');
      held = [];
      size = 0;
      start = end + 1;
      if (line.length > 0) yield line;
    }
    if (start === chunk.length) continue;
    held.push(chunk.subarray(start));
    size += chunk.length - start;
    if (size > MAX_LINE) throw new Error(`a line is longer than ${MAX_LINE} bytes`);
  }
  if (size > 0) throw new Error('the stream ended inside a line');
}
