import type { ChatMessage } from '../../ports/index.ts';
import { personaLine } from './persona-lines.ts';
import { readScene, type Scene } from './read-scene.ts';
import { replyLines, turnLines } from './reply-lines.ts';

const isSayable = (line: string, { persona, quote }: Scene): boolean =>
  (persona !== undefined || !line.includes('{name}')) && (quote !== '' || !line.includes('{quote}'));

const filled = (line: string, { persona = '', quote, turn }: Scene): string => {
  const values: { readonly [name: string]: string } = { name: persona, quote, turn: String(turn) };
  // One pass, so that a player who says "{name}" is quoted, not filled in.
  return line.replace(/\{(name|quote|turn)\}/g, (_whole, name: string) => values[name] ?? '');
};

const pick = (lines: readonly string[], scene: Scene, salt: number): string => {
  const sayable = lines.filter((line) => isSayable(line, scene));
  return filled(sayable[(scene.seed + scene.turn + salt) % sayable.length] ?? '', scene);
};

/**
 * A reply in character to the last message of a conversation: the same messages, the same reply.
 *
 * Asked what it is, it says that it is a scripted stand-in; else a fitting line of the persona's own comes first (`personaLine`). Those, a
 * silence and a farewell stand alone, everything else is followed by a remark about how long the conversation has lasted. One to three
 * sentences, at most about 60 words, but for what the persona's author wrote.
 */
export const composeReply = (messages: readonly ChatMessage[]): string => {
  const scene = readScene(messages);
  const own = scene.intent === 'nature' ? undefined : personaLine(messages);
  if (own !== undefined) return own;
  const reply = pick(replyLines[scene.intent], scene, 0);
  if (scene.intent === 'nature' || scene.intent === 'silence' || scene.intent === 'farewell') return reply;
  const row = turnLines.find(({ fromTurn }) => scene.turn >= fromTurn);
  return row === undefined ? reply : `${reply} ${pick(row.lines, scene, 1)}`;
};
