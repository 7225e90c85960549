const TEXT_OID = 25;
const INT4_OID = 23;
const HEADER_BYTES = 20;
const LENGTH_BYTES = 4;

/** The header of a list of one dimension without nulls: dimensions, has-null flag, type, length, lower bound. */
function headed(size: number, typeOid: number, length: number): Buffer {
  const bytes = Buffer.allocUnsafe(HEADER_BYTES + size);
  bytes.writeInt32BE(1, 0);
  bytes.writeInt32BE(0, 4);
  bytes.writeInt32BE(typeOid, 8);
  bytes.writeInt32BE(length, 12);
  bytes.writeInt32BE(1, 16);
  return bytes;
}

/**
 * A `text[]` parameter in PostgreSQL's binary form (`array_recv`), which pg sends as it is. As text, pg escapes each value with two passes of a
 * regular expression and PostgreSQL takes it apart again: 2 % of a turn. The statement must name the type (`$1::text[]`).
 */
export function textArray(values: readonly string[]): Buffer {
  let size = 0;
  for (const value of values) size += LENGTH_BYTES + Buffer.byteLength(value);
  const bytes = headed(size, TEXT_OID, values.length);
  let offset = HEADER_BYTES;
  for (const value of values) {
    const length = bytes.write(value, offset + LENGTH_BYTES, 'utf8');
    bytes.writeInt32BE(length, offset);
    offset += LENGTH_BYTES + length;
  }
  return bytes;
}

/** An `int[]` parameter in the same form; each value a 32-bit integer. */
export function intArray(values: readonly number[]): Buffer {
  const bytes = headed(values.length * 2 * LENGTH_BYTES, INT4_OID, values.length);
  let offset = HEADER_BYTES;
  for (const value of values) {
    bytes.writeInt32BE(LENGTH_BYTES, offset);
    bytes.writeInt32BE(value, offset + LENGTH_BYTES);
    offset += 2 * LENGTH_BYTES;
  }
  return bytes;
}
