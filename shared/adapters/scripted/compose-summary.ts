import type { ChatMessage } from '../../ports/index.ts';

/** How Turnledger's own instructions for a summary begin; no persona's do, since those begin with who the character is. */
const OPENING = 'You keep the memory of a conversation in a game.';

const MAX_QUOTED_CHARS = 60;
const MAX_QUOTES = 8;

interface Asked {
  readonly character: string;
  readonly earlier: string;
  readonly inputs: readonly string[];
}

/**
 * A memory of what was said, where a prompt asks for one: what it was so far, and of the turns since the player's words, cut; undefined where
 * none is asked for. It names nothing that was not said. The oldest words go first once there are more than eight quotes.
 */
export function composeSummary(messages: readonly ChatMessage[]): string | undefined {
  const [instructions, data] = messages;
  if (instructions?.role !== 'system' || !instructions.content.startsWith(OPENING)) return undefined;
  const { character, earlier, inputs } = askedIn(data?.content ?? '');
  const known = [...earlier.matchAll(/“([^”]*)”/g)].map(([, quote = '']) => quote);
  const quotes = [...known, ...inputs.map(quoted).filter((quote) => quote !== '')].slice(-MAX_QUOTES);
  if (quotes.length === 0) return `The player and ${character} have met, and nothing was said that matters.`;
  return `The player and ${character} have talked. The player said ${quotes.map((quote) => `“${quote}”`).join(', then ')}.`;
}

const quoted = (input: string): string =>
  [...input.replaceAll(/[“”"]/g, '').replaceAll(/\s+/g, ' ').trim()].slice(0, MAX_QUOTED_CHARS).join('').trimEnd();

/** The data of the request; one of another shape is read as one that says nothing. */
function askedIn(content: string): Asked {
  try {
    const { summarise } = JSON.parse(content) as { summarise?: { [name: string]: unknown } };
    const { character, earlier, turns } = summarise ?? {};
    const inputs = Array.isArray(turns)
      ? turns.flatMap((turn: { input?: unknown } | null) => textsOf(turn?.input))
      : [];
    return { character: textOf(character, 'the character'), earlier: textOf(earlier, ''), inputs };
  } catch {
    return { character: 'the character', earlier: '', inputs: [] };
  }
}

const textsOf = (value: unknown): readonly string[] => (typeof value === 'string' ? [value] : []);
const textOf = (value: unknown, otherwise: string): string => (typeof value === 'string' ? value : otherwise);
