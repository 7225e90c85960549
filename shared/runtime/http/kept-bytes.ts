import { isUtf8 } from 'node:buffer';
import type { IncomingMessage } from 'node:http';
import { brotliDecompressSync, unzipSync } from 'node:zlib';
import { limits } from '../../contracts/index.ts';

/** The bytes of a request's body as they came, for a second look at them. */
export interface KeptBytes {
  /** Whether they, unpacked, are UTF-8 from first to last; false too when they cannot be unpacked. Costs what unpacking them does. */
  areUtf8(): boolean;
  /** Lets go of them: a request may wait for its turn for minutes. */
  forget(): void;
}

/**
 * Keeps the bytes that somebody else is about to read; must be called in the same turn of the event loop as that reading begins. At most
 * limits.http.maxBodyBytes are kept; the reader refuses what is longer.
 */
export function keepBytes(message: IncomingMessage): KeptBytes {
  let chunks: Buffer[] = [];
  let bytes = 0;
  const keep = (chunk: Buffer) => {
    bytes += chunk.length;
    if (bytes <= limits.http.maxBodyBytes) chunks.push(chunk);
  };
  message.on('data', keep);
  return {
    areUtf8: () => {
      try {
        return isUtf8(unpacked(Buffer.concat(chunks), message.headers['content-encoding']));
      } catch {
        return false;
      }
    },
    forget: () => {
      message.off('data', keep);
      chunks = [];
    },
  };
}

/** The encodings that the body parser unpacks (`inflation`), and no other: it has refused those by then. */
function unpacked(bytes: Buffer, encoding = 'identity'): Buffer {
  if (encoding === 'identity') return bytes;
  const bounds = { maxOutputLength: limits.http.maxBodyBytes };
  return encoding === 'br' ? brotliDecompressSync(bytes, bounds) : unzipSync(bytes, bounds);
}
