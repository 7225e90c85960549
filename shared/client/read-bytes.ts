import { clientBounds } from './client-bounds.ts';
import type { Lifeline } from './lifeline.ts';
import { TurnledgerProblem } from './turnledger-problem.ts';

interface Readable {
  readonly response: Response;
  readonly lifeline: Lifeline;
}

/** A body as it comes; each piece is a sign of life. Ends with the body, rejects when the connection breaks or the lifeline ends. */
export async function* readBytes({ response, lifeline }: Readable): AsyncGenerator<Uint8Array, void> {
  const reader = response.body?.getReader();
  if (!reader) return;
  try {
    for (;;) {
      const { done, value } = await lifeline.race<{ done: boolean; value?: Uint8Array | undefined }>(reader.read());
      if (done || !value) return;
      lifeline.heard();
      yield value;
    }
  } finally {
    // Not waited for: a connection that hangs may never confirm it.
    reader.cancel().catch(() => undefined);
  }
}

/** A whole body as text. Throws `answer_unreadable` past `clientBounds.maxAnswerBytes`. */
export async function readText(readable: Readable): Promise<string> {
  const decoder = new TextDecoder();
  let text = '';
  let bytes = 0;
  for await (const piece of readBytes(readable)) {
    bytes += piece.byteLength;
    if (bytes > clientBounds.maxAnswerBytes) {
      throw new TurnledgerProblem('answer_unreadable', { detail: `it is over ${clientBounds.maxAnswerBytes} bytes` });
    }
    text += decoder.decode(piece, { stream: true });
  }
  return text + decoder.decode();
}
