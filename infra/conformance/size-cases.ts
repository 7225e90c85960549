import assert from 'node:assert/strict';
import { binaryEvent, type EventData, MaxAppendSizeExceededError, UnknownError } from '@eventstore/db-client';
import { type ConformanceCase, onBothPaths } from './conformance-case.ts';

const MAX_APPEND_BYTES = 1_048_576;
/** The batch path counts types and metadata as well. */
const BATCH_ALLOWANCE_BYTES = 1_024;

const eventOf = (bytes: number): EventData => binaryEvent({ type: 'Measured', data: new Uint8Array(bytes) });

export const sizeCases: readonly ConformanceCase[] = [
  {
    name: 'size (unary): an append of 1,048,576 data bytes is written',
    async check(run) {
      const written = await run.append('unary', run.newStream(), 'no_stream', [eventOf(MAX_APPEND_BYTES)]);
      assert.equal(written.nextExpectedRevision, 0n);
    },
  },
  {
    name: 'size (batch): an append of 1 KiB less is written',
    async check(run) {
      const event = eventOf(MAX_APPEND_BYTES - BATCH_ALLOWANCE_BYTES);
      const written = await run.append('batch', run.newStream(), 'no_stream', [event]);
      assert.equal(written.nextExpectedRevision, 0n);
    },
  },
  ...onBothPaths('size', 'one byte more, spread over two events, is refused with the bound', async (run, path) => {
    const halves = [eventOf(MAX_APPEND_BYTES / 2), eventOf(MAX_APPEND_BYTES / 2 + 1)];
    const stream = run.newStream();
    await assert.rejects(run.append(path, stream, 'no_stream', halves), (error: unknown) => {
      assert.ok(error instanceof MaxAppendSizeExceededError, `expected the bound, got ${error}`);
      assert.equal(error.maxAppendSize, MAX_APPEND_BYTES);
      return true;
    });
    await run.append(path, stream, 'no_stream', [eventOf(1)]);
  }),
  {
    name: 'size (unary): 20 MiB is an unknown error',
    async check(run) {
      const append = run.append('unary', run.newStream(), 'no_stream', [eventOf(20 * MAX_APPEND_BYTES)]);
      await assert.rejects(append, (error: unknown) => {
        assert.ok(error instanceof UnknownError, `expected an unknown error, got ${error}`);
        return true;
      });
    },
  },
];
