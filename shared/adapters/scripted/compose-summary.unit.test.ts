import { describe, expect, it } from '@jest/globals';
import type { ChatMessage } from '../../ports/index.ts';
import { composeSummary } from './compose-summary.ts';

const asked = (data: unknown): readonly ChatMessage[] => [
  { role: 'system', content: 'You keep the memory of a conversation in a game.\n\nWrite it.' },
  { role: 'user', content: JSON.stringify(data) },
];

describe('composeSummary', () => {
  it('says nothing where a reply is asked for, even by a persona that keeps a memory', () => {
    const persona = 'You are Marta.\n\nYou keep the memory of a conversation in a game.';
    expect(composeSummary([{ role: 'system', content: persona }])).toBeUndefined();
  });

  it('tells what the player said, in order', () => {
    const turns = [
      { input: 'Where were you?', reply: 'Here.' },
      { input: 'I saw  the\nledger.', reply: 'Did you.' },
    ];
    expect(composeSummary(asked({ summarise: { character: 'Marta', turns } }))).toBe(
      'The player and Marta have talked. The player said “Where were you?”, then “I saw the ledger.”.',
    );
  });

  it('goes on from what it said before', () => {
    const first = composeSummary(
      asked({ summarise: { character: 'Marta', turns: [{ input: 'The red door.', reply: 'Yes.' }] } }),
    );
    const turns = [{ input: 'The blue one.', reply: 'No.' }];
    const second = composeSummary(asked({ summarise: { character: 'Marta', earlier: first, turns } }));
    expect(second).toContain('“The red door.”, then “The blue one.”');
  });

  it('reads data of another shape as data that says nothing', () => {
    for (const data of [null, 7, {}, { summarise: { turns: [null, { input: 3 }] } }])
      expect(composeSummary(asked(data))).toMatch(/nothing was said/);
  });
});
