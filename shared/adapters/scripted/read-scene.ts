import type { ChatMessage } from '../../ports/index.ts';

/** What the player seems to be doing, or that something happened instead. */
export type Intent =
  | 'nature'
  | 'event'
  | 'silence'
  | 'farewell'
  | 'thanks'
  | 'accusation'
  | 'question'
  | 'greeting'
  | 'remark';

/** What a reply can build on. */
export interface Scene {
  /** The character's name, when the instructions give one. */
  readonly persona: string | undefined;
  readonly intent: Intent;
  /** A few of the player's own words, or what happened; '' for none. */
  readonly quote: string;
  /** 1 for the first reply of the conversation. */
  readonly turn: number;
  /** Differs between conversations that differ; decides between equal lines. */
  readonly seed: number;
}

const MAX_READ_CHARS = 2_000;
const MAX_QUOTED_WORDS = 6;
const MAX_QUOTED_CHARS = 48;

const NAME = String.raw`(\p{Lu}[\p{L}'’-]{0,30}(?: (?:(?:the|of|von|van|de|du|al) )?\p{Lu}[\p{L}'’-]{0,30}){0,3})`;
const PERSONA = new RegExp(
  String.raw`(?:\b[Yy]our name is|\b[Yy]ou are(?: called| named| playing)?|\b[Yy]ou play|\b(?:[Nn]ame|[Pp]ersona|[Cc]haracter):)\s+(?:the character )?${NAME}`,
  'u',
);
/** How Turnledger's own prompts begin. */
const OWN_OPENING = /^You are ((?!an? )(?:(?:Dr|Mr|Mrs|Ms|St)\. )?[^\n.,]{1,64})(?:,[^\n]*)?\.(?:\n|$)/;
/** "You are The …", "You are An …": a sentence, not a name. */
const NO_NAMES = new Set(['A', 'An', 'The', 'I', 'In', 'Not', 'Now']);

/** First match wins, so the rarer and the weightier come first. */
const intents: readonly (readonly [RegExp, Intent])[] = [
  [
    /\b(are|is) (you|this|that) (just |really |actually |even )?(an? )?(\w+ )?(ai|a\.i\.|bot|chat ?bot|robot|machine|program|script|scripted|human|real|llm|language model|gpt|chatgpt)\b/i,
    'nature',
  ],
  [/\b(what|which) (ai |language )?model\b|\b(language model|system prompt|chatgpt)\b/i, 'nature'],
  [/^\W*$/, 'silence'],
  [
    /\b(good ?bye|farewell|bye|see you|good ?night|until (next time|tomorrow|we meet)|i('m| am| must| have to| should| will) (go|leav|be off|be going))/i,
    'farewell',
  ],
  [/\b(thanks?|thank you|grateful|much obliged|cheers)\b/i, 'thanks'],
  [
    /\b(liar|lying|lied|thief|stole|stolen|murder(er|ed)?|traitor|betray(ed|er)?|guilty|cheat(ed|er)?|you (did|killed|poisoned|took)|your fault|confess)\b/i,
    'accusation',
  ],
  [/\?|^\W*(who|what|where|when|why|how|which|can|could|do|does|did|is|are|will|would|tell me)\b/i, 'question'],
  [
    /^\W*(hello|hi|hey|greetings|good (morning|day|afternoon|evening)|well met|hail|ahoy|salutations|welcome)\b/i,
    'greeting',
  ],
];

/** FNV-1a, 32 bits (http://www.isthe.com/chongo/tech/comp/fnv/). */
const hash = (text: string, start: number): number => {
  let value = start;
  for (let index = 0; index < text.length; index += 1) value = Math.imul(value ^ text.charCodeAt(index), 0x01000193);
  return value >>> 0;
};

const FNV_START = 0x811c9dc5;

/** What happened in the game, in words, where the last message tells that (a turn with a trigger) instead of what a player says. */
const eventIn = (said: string): string | undefined =>
  /^\{"game_event":\{"name":"([a-z][a-z0-9_]{0,63})"/.exec(said)?.[1]?.replaceAll('_', ' ').trim();

const intentOf = (said: string, event: string | undefined): Intent => {
  if (event !== undefined) return event === 'silence' ? 'silence' : 'event';
  return intents.find(([pattern]) => pattern.test(said))?.[1] ?? 'remark';
};

const quoteOf = (said: string): string => {
  const sentences = said.split(/[.!?;\n]+/).map((sentence) =>
    sentence
      // A time of day keeps its colon.
      .replace(/(?!(?<=\d):(?=\d))[^\p{L}\p{N}'’, -]/gu, ' ')
      .replace(/\s+/g, ' ')
      .trim(),
  );
  const longest = sentences.reduce((best, sentence) => (sentence.length > best.length ? sentence : best), '');
  const words = longest.split(' ').slice(0, MAX_QUOTED_WORDS).join(' ');
  return [...words]
    .slice(0, MAX_QUOTED_CHARS)
    .join('')
    .replace(/[ ,-]+$/, '');
};

const personaOf = (messages: readonly ChatMessage[]): string | undefined => {
  for (const { role, content } of messages) {
    if (role !== 'system') continue;
    const own = OWN_OPENING.exec(content)?.[1];
    if (own !== undefined) return own;
    const name = PERSONA.exec(content.slice(0, MAX_READ_CHARS * 4))?.[1];
    if (name !== undefined && !NO_NAMES.has(name.split(' ')[0] ?? '')) return name;
  }
  return undefined;
};

/** Reads a conversation by rules of thumb, in English; never fails. Looks at no more than the first 2,000 characters of what was said last. */
export const readScene = (messages: readonly ChatMessage[]): Scene => {
  const said =
    messages
      .findLast(({ role }) => role === 'user')
      ?.content.slice(0, MAX_READ_CHARS)
      .trim() ?? '';
  const firstSaid = messages.findIndex(({ role }) => role === 'user');
  const event = eventIn(said);
  return {
    persona: personaOf(messages),
    intent: intentOf(said, event),
    quote: event ?? quoteOf(said),
    // A greeting stands before the first thing that the player says and answers nothing.
    turn: messages.slice(firstSaid + 1).filter(({ role }) => role === 'assistant').length + 1,
    seed: messages.reduce((value, { role, content }) => hash(content, hash(role, value)), FNV_START),
  };
};
