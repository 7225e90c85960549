import type { KeyVault, TurnFeed } from '../../ports/index.ts';
import { openDelta } from './feed-text.ts';

/**
 * What a turn's readers have been shown of its newest attempt, or undefined where nothing is kept or known to be whole from its start.
 * A hint like the feed itself: it may be a few words short of what the model has said.
 */
export async function textSoFar(
  { feed, vault }: { readonly feed: TurnFeed; readonly vault: KeyVault },
  turnId: string,
  signal: AbortSignal,
): Promise<string | undefined> {
  let text: string | undefined;
  let lastId = 0;
  for await (const message of feed.read(turnId, { after: 0, signal, follow: false })) {
    if (message.kind === 'started') text = '';
    else if (message.kind === 'delta')
      text =
        message.id === lastId + 1 && text !== undefined
          ? text + ((await openDelta(turnId, message, vault)) ?? '')
          : undefined;
    lastId = message.id;
  }
  return text === '' ? undefined : text;
}
