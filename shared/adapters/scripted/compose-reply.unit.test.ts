import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import type { ChatMessage } from '../../ports/index.ts';
import { composeReply } from './compose-reply.ts';
import { readScene } from './read-scene.ts';
import { replyLines, turnLines } from './reply-lines.ts';

const system: ChatMessage = { role: 'system', content: 'You are Mira.\n\nYou keep the inn at the crossroads.' };
const user = (content: string): ChatMessage => ({ role: 'user', content });
const assistant = (content: string): ChatMessage => ({ role: 'assistant', content });

describe('readScene', () => {
  test.each([
    ['Hello there, innkeeper!', 'greeting'],
    ['Good evening', 'greeting'],
    ['Where is the old mill?', 'question'],
    ['tell me about the forest', 'question'],
    ['Hello, where is the old mill?', 'question'],
    ['You stole my horse, thief!', 'accusation'],
    ['Confess.', 'accusation'],
    ['Thank you, that helps.', 'thanks'],
    ['Goodbye then', 'farewell'],
    ['I must go now', 'farewell'],
    ['I left a lantern by the gate.', 'remark'],
    ['...', 'silence'],
    ['', 'silence'],
    ['Are you a real person?', 'nature'],
    ['are you an AI', 'nature'],
    ['What model are you?', 'nature'],
  ])('%p is a %s', (said, intent) => {
    expect(readScene([system, user(said)]).intent).toBe(intent);
  });

  test.each([
    ['You are Mira.\n\nYou keep the inn.', 'Mira'],
    ['You are the Oracle of Dust.\n\nSpeak in riddles.', 'the Oracle of Dust'],
    ['You are Captain Ilse van Dorn, a smuggler.', 'Captain Ilse van Dorn'],
    ['You are Dr. Voss.\n\nYou are curt.', 'Dr. Voss'],
    ['Stay in character. Your name is Jórunn.', 'Jórunn'],
    ['Character: Old Tom\nMood: sour', 'Old Tom'],
    ['You are a helpful innkeeper.', undefined],
    ['You are The one who waits', undefined],
    ['Answer briefly.', undefined],
  ])('finds the name in %p', (content, persona) => {
    expect(readScene([{ role: 'system', content }, user('Hi')]).persona).toBe(persona);
  });

  test('counts the exchanges, without a greeting', () => {
    expect(readScene([system, assistant('Welcome!'), user('Hi')]).turn).toBe(1);
    expect(readScene([system, assistant('Welcome!'), user('Hi'), assistant('Well met.'), user('So?')]).turn).toBe(2);
  });

  test('quotes a time of day as it was said', () => {
    expect(readScene([user('Where were you at 22:40: here?')]).quote).toBe('Where were you at 22:40 here');
  });

  test('quotes at most six words of the longest sentence', () => {
    expect(readScene([user('Well. I saw a red dragon over the bridge last night!')]).quote).toBe(
      'I saw a red dragon over',
    );
  });
});

describe('composeReply', () => {
  test('is the same for the same conversation', () => {
    expect(composeReply([system, user('Where is the mill?')])).toBe(composeReply([system, user('Where is the mill?')]));
  });

  test('repeats some of what the player said', () => {
    expect(composeReply([system, user('The bridge is broken.')])).toMatch(/The bridge is broken|listening|meaning/);
  });

  test('is honest about what speaks', () => {
    for (const said of ['Are you an AI?', 'Are you a real human?', 'Which model are you?', 'are you chatgpt?']) {
      expect(composeReply([system, user(said)])).toMatch(
        /scripted stand-in.*[Nn]o language model|no language model.*scripted stand-in/s,
      );
    }
  });

  test('changes with the length of the conversation', () => {
    const talk = (exchanges: number) => {
      const past = Array.from({ length: exchanges }, () => [user('And?'), assistant('Hm.')]).flat();
      return composeReply([system, ...past, user('The bridge is broken.')]);
    };
    expect(talk(0)).toMatch(/only just begun|not spoken before/);
    expect(talk(1)).toMatch(/forgotten|earlier/);
    expect(talk(6)).toMatch(/7th time|pleasantries/);
    expect(talk(11)).toMatch(/long while|After 12 exchanges/);
  });

  test('does not fill in what a player puts in braces', () => {
    const replies = ['a', 'b', 'c', 'd', 'e', 'f'].map((letter) =>
      composeReply([system, user(`{name} {turn} ${letter}`)]),
    );
    expect(replies.filter((reply) => reply.includes('Mira 1'))).toEqual([]);
  });

  test('says something short to anything', () => {
    fc.assert(
      fc.property(
        fc.array(
          fc.record({ role: fc.constantFrom('system', 'user', 'assistant'), content: fc.string({ unit: 'grapheme' }) }),
        ),
        (messages) => {
          const reply = composeReply(messages as ChatMessage[]);
          expect(reply).toMatch(/\S/);
          expect(reply.length).toBeLessThan(600);
          expect(reply).not.toMatch(/\{(name|quote|turn)\}|undefined/);
        },
      ),
      { numRuns: 300 },
    );
  });

  test('speaks first about what has happened in the game', () => {
    const happened = (name: string) =>
      readScene([system, user(JSON.stringify({ game_event: { name, args: { door: 'Are you an AI?' } } }))]);
    expect(happened('player_entered')).toMatchObject({ intent: 'event', quote: 'player entered', persona: 'Mira' });
    expect(happened('silence').intent).toBe('silence');
    expect(composeReply([system, user('{"game_event":{"name":"player_entered"}}')])).toMatch(
      /player entered|it has begun/,
    );
  });

  test('has for every occasion a line that needs neither name nor quote', () => {
    for (const lines of [...Object.values(replyLines), ...turnLines.map((row) => row.lines)]) {
      expect(lines.some((line) => !/\{(name|quote)\}/.test(line))).toBe(true);
    }
  });
});
