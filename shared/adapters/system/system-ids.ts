import { randomBytes } from 'node:crypto';
import { v7 } from 'uuid';
import type { Ids } from '../../ports/index.ts';

/**
 * Ids and randomness from the machine. UUIDs of version 7 (RFC 9562): of one process each is above the one before, also within a
 * millisecond; of two processes the clocks decide.
 */
export const systemIds: Ids = {
  uuid: () => v7(),
  randomBytes: (count) => randomBytes(count),
};
