import { isUtf8 } from 'node:buffer';
import { createByteHold } from './byte-hold.ts';
import { WireFault } from './wire-fault.ts';

export interface GatedBytes {
  /** What may be read now: valid UTF-8, never a part of a frame. */
  readonly pieces: readonly Buffer[];
  /** True when nothing that follows matters. */
  readonly isDone: boolean;
}

/** Decides what of a body the reader gets to see, and when. Both methods throw a `WireFault` for bytes that no completion can hold. */
export interface BodyGate {
  push(chunk: Buffer): GatedBytes;
  /** What is left once the body has ended cleanly. */
  end(): Buffer;
}

const NOTHING: GatedBytes = { pieces: [], isDone: false };
const NO_BYTES = Buffer.alloc(0);
const NEW_LINE = 0x0a;
const CARRIAGE_RETURN = 0x0d;
/** The SDK copies the rest of a piece once a frame: 64 KiB of 60-byte frames cost it 32 MiB of copying, 8 KiB pieces an eighth of that. */
const PIECE_BYTES = 8 * 1024;
const MAX_DONE_FRAME_BYTES = 64;
const DONE_FRAME = /^data: ?\[DONE\]/m;

const checked = (bytes: Buffer): Buffer => {
  if (!isUtf8(bytes)) throw new WireFault('model_not_json');
  return bytes;
};

/** For a body that only makes sense whole (JSON): holds everything until the end. */
export const createWholeBodyGate = (): BodyGate => {
  const hold = createByteHold();
  return {
    push(chunk) {
      hold.add(chunk);
      return NOTHING;
    },
    end: () => checked(hold.take(NO_BYTES)),
  };
};

/**
 * For server-sent events: lets whole frames through and is done at `data: [DONE]`.
 *
 * The SDK's parser joins and rescans what it holds on every chunk, quadratic in the length of an unfinished frame (16 MiB: 17 s); here each
 * byte is held once. A frame, and so a line, is at most `maxFrameBytes`. An unfinished frame at the end of the body is dropped, as the
 * standard says. Lines end with LF or CRLF; a server that ends them with CR alone sends no frame at all as far as we are concerned.
 */
export const createSseGate = (maxFrameBytes: number): BodyGate => {
  const hold = createByteHold();
  let lineBytes = 0;
  let lastByte = 0;

  return {
    push(chunk) {
      const pieces: Buffer[] = [];
      let pieceStart = 0;
      let frameStart = 0;
      let lineStart = 0;
      let isDone = false;
      for (let end = chunk.indexOf(NEW_LINE); end !== -1 && !isDone; end = chunk.indexOf(NEW_LINE, lineStart)) {
        lineBytes += end - lineStart;
        const isBlank =
          lineBytes === 0 || (lineBytes === 1 && (end > 0 ? chunk[end - 1] : lastByte) === CARRIAGE_RETURN);
        lineStart = end + 1;
        lineBytes = 0;
        if (!isBlank) continue;
        // Only the first frame of a chunk can have begun in an earlier one.
        const isContinued = frameStart === 0 && hold.length > 0;
        const frameBytes = lineStart - frameStart + (isContinued ? hold.length : 0);
        if (frameBytes > maxFrameBytes) throw new WireFault('model_body_too_large');
        if (frameBytes <= MAX_DONE_FRAME_BYTES) {
          const frame = chunk.subarray(frameStart, lineStart);
          isDone = DONE_FRAME.test((isContinued ? hold.peek(frame) : frame).toString('latin1'));
        }
        frameStart = lineStart;
        if (frameStart - pieceStart >= PIECE_BYTES) {
          pieces.push(checked(hold.take(chunk.subarray(pieceStart, frameStart))));
          pieceStart = frameStart;
        }
      }
      if (frameStart > pieceStart) pieces.push(checked(hold.take(chunk.subarray(pieceStart, frameStart))));
      if (isDone) return { pieces, isDone };
      lineBytes += chunk.length - lineStart;
      lastByte = chunk[chunk.length - 1] ?? lastByte;
      hold.add(chunk.subarray(frameStart));
      if (hold.length > maxFrameBytes) throw new WireFault('model_body_too_large');
      return { pieces, isDone };
    },
    end: () => NO_BYTES,
  };
};
