const NEWLINE = 0x0a;

/** An event is one line. etcd limits an object to 1.5 MiB, so a longer line is not a valid event. */
const MAX_LINE_BYTES = 4 * 1024 * 1024;

/**
 * Splits a stream of bytes into lines. It splits before it decodes, so that a character that spans two chunks stays
 * intact.
 * @throws Error when the stream ends inside a line or a line is too long
 */
export async function* byteLines(chunks: AsyncIterable<Uint8Array>): AsyncGenerator<string> {
  let pending: Uint8Array[] = [];
  let size = 0;
  for await (const chunk of chunks) {
    let start = 0;
    for (let end = chunk.indexOf(NEWLINE); end !== -1; end = chunk.indexOf(NEWLINE, start)) {
      const line = Buffer.concat([...pending, chunk.subarray(start, end)]).toString('utf8');
      pending = [];
      size = 0;
      start = end + 1;
      if (line.length > 0) yield line;
    }
    if (start === chunk.length) continue;
    pending.push(chunk.subarray(start));
    size += chunk.length - start;
    if (size > MAX_LINE_BYTES) throw new Error(`the API server sent a line longer than ${MAX_LINE_BYTES} bytes`);
  }
  if (size > 0) throw new Error('the API server closed the stream in the middle of a line');
}
