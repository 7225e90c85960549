import { randomFillSync } from 'node:crypto';
import { v7 } from 'uuid';
import type { Ids } from '../../ports/index.ts';

/** Random bytes are drawn ahead, since each draw is a call into OpenSSL: 1.5 µs, as much for 4,096 bytes as for 12. */
const POOL_BYTES = 4_096;
const pool = Buffer.alloc(POOL_BYTES);
let used = POOL_BYTES;

/** Each byte is given out once, and wiped as it goes. */
function randomBytes(count: number): Buffer {
  if (count > POOL_BYTES) return randomFillSync(Buffer.alloc(count));
  if (used + count > POOL_BYTES) {
    randomFillSync(pool);
    used = 0;
  }
  const given = Buffer.from(pool.subarray(used, used + count));
  pool.fill(0, used, used + count);
  used += count;
  return given;
}

/**
 * Ids and randomness from the machine. UUIDs of version 7 (RFC 9562): of one process each is above the one before, also within a
 * millisecond; of two processes the clocks decide.
 */
export const systemIds: Ids = { randomBytes, uuid: () => v7() };
