import { type FileHandle, mkdir, open } from 'node:fs/promises';
import { dirname } from 'node:path';
import { createInterface } from 'node:readline';
import { z } from 'zod';
import type { LoggedWrite } from './logged-event.ts';

const bytes = z.string().transform((text) => Buffer.from(text, 'base64'));
const lineSchema = z.object({
  stream: z.string(),
  createdAtMs: z.number(),
  isTombstone: z.boolean(),
  events: z.array(
    z.object({ id: z.string(), type: z.string(), contentType: z.string(), data: bytes, customMetadata: bytes }),
  ),
});

const lineOf = ({ stream, createdAtMs, isTombstone, events }: LoggedWrite): string => {
  const encoded = events.map((event) => ({
    ...event,
    data: Buffer.from(event.data).toString('base64'),
    customMetadata: Buffer.from(event.customMetadata).toString('base64'),
  }));
  return `${JSON.stringify({ stream, createdAtMs, isTombstone, events: encoded })}\n`;
};

/** A file of writes, a line of JSON each; what is flushed survives `kill -9`. */
export interface AppendFile {
  /** What the file held when it was opened. */
  readonly replayed: readonly LoggedWrite[];
  /** Hands a write over; it is safe when a `flushed` that is asked for afterwards resolves. */
  write(write: LoggedWrite): void;
  /** Resolves when all that was handed over is on the disk. Rejects for good once a write has failed: the file's end is then unknown. */
  flushed(): Promise<void>;
  close(): Promise<void>;
}

/** Reads whole lines; what a killed process left unfinished behind the last of them was never answered for, and goes. */
const replay = async (handle: FileHandle): Promise<readonly LoggedWrite[]> => {
  const { size } = await handle.stat();
  if (size === 0) return [];
  const writes: LoggedWrite[] = [];
  let readBytes = 0;
  const input = handle.createReadStream({ start: 0, autoClose: false });
  for await (const line of createInterface({ input, crlfDelay: 0 })) {
    const endsWhole = readBytes + Buffer.byteLength(line) + 1 <= size;
    if (!endsWhole) break;
    writes.push(lineSchema.parse(JSON.parse(line)));
    readBytes += Buffer.byteLength(line) + 1;
  }
  if (readBytes < size) await handle.truncate(readBytes);
  return writes;
};

/** Opens a file of writes, made with its folder when it is not there. Writes that wait while the disk works share the next fsync. */
export const openAppendFile = async (path: string): Promise<AppendFile> => {
  await mkdir(dirname(path), { recursive: true });
  const handle = await open(path, 'a+');
  const replayed = await replay(handle).catch(async (error: unknown) => {
    await handle.close();
    throw error;
  });
  let waiting: string[] = [];
  let running: Promise<void> | undefined;
  let next: Promise<void> | undefined;

  const flush = async (): Promise<void> => {
    const lines = waiting;
    waiting = [];
    await handle.appendFile(lines.join(''));
    await handle.datasync();
  };

  /** One flush runs, one waits for it; a failed one fails all that follow. */
  const flushed = (): Promise<void> => {
    if (waiting.length === 0) return running ?? Promise.resolve();
    if (next !== undefined) return next;
    const before = running ?? Promise.resolve();
    const mine: Promise<void> = before.then(() => {
      next = undefined;
      running = mine;
      return flush();
    });
    next = mine;
    mine.catch(() => undefined);
    return mine;
  };

  return {
    replayed,
    write: (write) => void waiting.push(lineOf(write)),
    flushed,
    async close() {
      await flushed().catch(() => undefined);
      await handle.close();
    },
  };
};
