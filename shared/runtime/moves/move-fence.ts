/** What a block with a move begins with, and what ends it. */
export const moveFence = { begin: '```move', end: '```' } as const;

/** Where the block begins. Of a text that goes on, the character after the fence must be there: it may be the beginning of another word. */
export const moveFenceIn = (text: string, isWhole: boolean): number =>
  text.search(isWhole ? /```move(?![\w-])/ : /```move(?=[^\w-])/);

/** What a player sees of a text that ends in a block; all of a text that has none. */
export function visibleText(text: string): string {
  const opening = moveFenceIn(text, true);
  return opening < 0 ? text : text.slice(0, opening).trimEnd();
}
