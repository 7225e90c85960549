import type { Move } from '@turnledger/shared/domain';
import { moveFence, moveFenceIn, visibleText } from '@turnledger/shared/runtime';

const { begin: FENCE, end: END } = moveFence;

/** Blanks that may turn out to stand before a block are held back, this many at most; a reply with more of them shows them. */
const MAX_HELD_BLANKS = 256;

/** What stands in the block at the end of a text, with whatever follows it; undefined without a block. A fence that was not closed is closed by the end. */
export function blockIn(text: string): string | undefined {
  const opening = moveFenceIn(text, true);
  if (opening < 0) return undefined;
  const body = text.slice(opening + FENCE.length).trim();
  return body.endsWith(END) ? body.slice(0, -END.length) : body;
}

/** A reply with its move, as the model was asked to write it. */
export const withBlock = (reply: string, move: Move | null | undefined): string =>
  move ? `${reply}\n\n${FENCE}\n${JSON.stringify(move)}\n${END}` : reply;

/** Where the end of a text begins that may belong to a block: the beginning of a fence, and the blanks before it. */
function heldFrom(text: string): number {
  let fence = text.length;
  for (let letters = Math.min(FENCE.length, text.length); letters > 0 && fence === text.length; letters -= 1)
    if (text.endsWith(FENCE.slice(0, letters))) fence -= letters;
  const from = Math.max(0, fence - MAX_HELD_BLANKS);
  return from + text.slice(from, fence).trimEnd().length;
}

/** Shows a text as it comes, without the block at its end: joined, what is shown is `visibleText` of the whole. */
export interface BlockGate {
  push(text: string): void;
  /** Shows what was held back for nothing. */
  end(): void;
}

/** Opens a gate before `show`. It holds back a fence and limited blanks at most: of the block itself it keeps nothing. */
export function gateBlock(show: (text: string) => void): BlockGate {
  let held = '';
  let isInBlock = false;
  const tell = (text: string) => {
    if (text !== '') show(text);
  };
  return {
    push(text) {
      if (isInBlock) return;
      held += text;
      isInBlock = moveFenceIn(held, false) >= 0;
      const shown = isInBlock ? visibleText(held) : held.slice(0, heldFrom(held));
      held = isInBlock ? '' : held.slice(shown.length);
      tell(shown);
    },
    end() {
      tell(visibleText(held));
      held = '';
    },
  };
}
