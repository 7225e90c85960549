import type { ChatMessage } from '../../ports/index.ts';

/** A line of the persona's own, and the words that call for it. */
interface PersonaLine {
  readonly topics: readonly string[];
  readonly line: string;
}

const MAX_READ_CHARS = 2_000;
/** `- Asked about the page, missing: "Pages come loose."`, on a line of its own. */
const PERSONA_LINE = /^[-*] (?:When )?[Aa]sked about (.{1,200}?): ["“](.{1,600})["”]$/gm;

/** Lower case words with one space around each, so that a topic is found as whole words; a colon stays, for the hours. */
const spaced = (text: string): string =>
  ` ${
    text
      .toLowerCase()
      .match(/[\p{L}\p{N}:’']+/gu)
      ?.join(' ') ?? ''
  } `;

const linesOf = (messages: readonly ChatMessage[]): readonly PersonaLine[] =>
  messages
    .filter(({ role }) => role === 'system')
    .flatMap(({ content }) => [...content.matchAll(PERSONA_LINE)])
    .map(([, topics = '', line = '']) => ({
      line,
      topics: topics
        .split(',')
        .map(spaced)
        .filter((topic) => topic.trim() !== ''),
    }));

/**
 * What the persona itself would say to what was said last: the example line of its instructions with the most topics in the player's words,
 * the first of equals; undefined when no topic is in them. A line that was said before is not said again. Written for a real model, such
 * lines are examples of a voice; here they are the voice.
 */
export function personaLine(messages: readonly ChatMessage[]): string | undefined {
  const said = spaced(messages.findLast(({ role }) => role === 'user')?.content.slice(0, MAX_READ_CHARS) ?? '');
  const isNew = ({ line }: PersonaLine) =>
    !messages.some(({ role, content }) => role === 'assistant' && content.includes(line));
  const fits = ({ topics }: PersonaLine) => topics.filter((topic) => said.includes(topic)).length;
  const best = linesOf(messages)
    .filter(isNew)
    .map((own) => ({ line: own.line, fit: fits(own) }))
    .reduce((first, next) => (next.fit > first.fit ? next : first), { line: '', fit: 0 });
  return best.fit > 0 ? best.line : undefined;
}
