/** Bytes that wait to be whole. */
export interface ByteHold {
  readonly length: number;
  add(bytes: Buffer): void;
  /** Everything held and then `tail`, joined; empties the hold. Copies only when something was held. */
  take(tail: Buffer): Buffer;
  /** The same without emptying. */
  peek(tail: Buffer): Buffer;
}

const FIRST_BYTES = 1024;

/**
 * Collects bytes in one buffer that doubles, so that a body sent byte by byte costs its size twice at most: a list of a million one-byte
 * chunks would cost about 200 MiB.
 */
export const createByteHold = (): ByteHold => {
  let buffer = Buffer.alloc(0);
  let length = 0;

  const peek = (tail: Buffer) => (length === 0 ? tail : Buffer.concat([buffer.subarray(0, length), tail]));

  return {
    get length() {
      return length;
    },
    add(bytes) {
      if (length + bytes.length > buffer.length) {
        const larger = Buffer.allocUnsafe(Math.max(buffer.length * 2, length + bytes.length, FIRST_BYTES));
        buffer.copy(larger, 0, 0, length);
        buffer = larger;
      }
      bytes.copy(buffer, length);
      length += bytes.length;
    },
    take(tail) {
      const whole = peek(tail);
      length = 0;
      return whole;
    },
    peek,
  };
};
