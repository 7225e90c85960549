const LENGTH_BYTES = 4;

/**
 * Joins parts so that no two different lists give the same bytes: each part is preceded by its length in bytes as an unsigned 32-bit
 * big-endian integer. Text is UTF-8.
 */
export function lengthPrefixed(parts: readonly (string | Buffer)[]): Buffer {
  let size = 0;
  for (const part of parts) size += LENGTH_BYTES + Buffer.byteLength(part);
  const joined = Buffer.allocUnsafe(size);
  let offset = 0;
  for (const part of parts) {
    const start = offset + LENGTH_BYTES;
    const length = typeof part === 'string' ? joined.write(part, start, 'utf8') : part.copy(joined, start);
    joined.writeUInt32BE(length, offset);
    offset = start + length;
  }
  return joined;
}
