import { describe, expect, it } from '@jest/globals';
import { limits } from '../limits.ts';
import { generateBody, toTurnInput, turnBody } from './generate.ts';

const read = (body: unknown) => toTurnInput(turnBody.parse(body));
const refusal = (code: string, pointer?: string) =>
  expect.objectContaining({
    code,
    ...(pointer !== undefined && {
      extras: expect.objectContaining({ fields: [expect.objectContaining({ pointer })] }),
    }),
  });

describe('the prompt of a turn', () => {
  it.each(['prompt', 'input', 'input_text'])('may be called %s', (name) => {
    expect(read({ [name]: 'Where were you?' }).text).toBe('Where were you?');
  });

  it.each([
    [{ prompt: 'a', input: 'a' }, '/input'],
    [{ input: 'a', input_text: 'b' }, '/input_text'],
    [{ prompt: '', input_text: 'b' }, '/input_text'],
  ])('may not have two names at once: %j', (body, pointer) => {
    expect(() => read(body)).toThrow(refusal('request_invalid', pointer));
  });

  it('is required', () => {
    expect(() => read({})).toThrow(refusal('request_invalid', '/prompt'));
  });

  it.each(['', ' ', '\n\t\u00a0\u2003'])('may not be empty: %j', (input) => {
    expect(() => read({ input })).toThrow(refusal('prompt_empty', '/input'));
  });

  it('keeps the blanks around its words', () => {
    expect(read({ prompt: '  well? \n' }).text).toBe('  well? \n');
  });

  it('may be as large as its limit, in bytes', () => {
    const prompt = 'é'.repeat(limits.http.maxPromptBytes / 2);
    expect(read({ prompt }).text).toBe(prompt);
  });

  it('may not be a byte larger, though its characters are fewer', () => {
    const prompt = `${'é'.repeat(limits.http.maxPromptBytes / 2)}.`;
    expect(() => read({ prompt })).toThrow(refusal('prompt_too_large'));
  });
});

describe('the trigger of a turn', () => {
  it.each([
    { name: 'silence' },
    { name: 'player_entered', args: { door: 'north' } },
    { name: 'hit', args: [0, false] },
  ])('stands instead of a prompt: %j', (trigger) => {
    expect(read({ trigger })).toEqual({ trigger, wantsStream: false });
  });

  it('with null for its arguments has none', () => {
    expect(read({ trigger: { name: 'silence', args: null } }).trigger).toEqual({ name: 'silence' });
  });

  it.each(['prompt', 'input', 'input_text'])('may not stand beside %s', (name) => {
    expect(() => read({ trigger: { name: 'silence' }, [name]: '' })).toThrow(refusal('request_invalid', '/trigger'));
  });

  it('may have arguments as large as a state, and no larger', () => {
    const args = 'x'.repeat(limits.http.maxStateBytes - 2);
    expect(read({ trigger: { name: 'rain', args } }).trigger).toEqual({ name: 'rain', args });
    expect(() => read({ trigger: { name: 'rain', args: `${args}.` } })).toThrow(
      refusal('state_too_large', '/trigger/args'),
    );
  });

  it.each([
    {},
    { name: '' },
    { name: 'Silence' },
    { name: '1st' },
    { name: 'a-b' },
    { name: 'x'.repeat(65) },
    'silence',
  ])('has a name in snake_case: not %j', (trigger) => {
    expect(turnBody.safeParse({ trigger }).success).toBe(false);
  });
});

describe('the game state of a turn', () => {
  const bytes = (count: number) => 'é'.repeat(count / 2 - 1);

  it('may be as large as its limit, in bytes of its JSON', () => {
    const data = bytes(limits.http.maxStateBytes);
    expect(read({ prompt: 'x', state: { rev: 0, data } }).state).toEqual({ rev: 0, data });
  });

  it('may not be larger', () => {
    const data = bytes(limits.http.maxStateBytes + 2);
    expect(() => read({ prompt: 'x', state: { rev: 0, data } })).toThrow(refusal('state_too_large'));
  });

  it('may come as a patch, with the rev that it was made against', () => {
    const patch = [
      { op: 'add', path: '/clues/-', value: null },
      { op: 'move', from: '/a~1b', path: '' },
      { op: 'remove', path: '/hp' },
    ];
    expect(read({ prompt: 'x', state: { rev: 8, patch } }).state).toEqual({ rev: 8, patch });
    expect(read({ prompt: 'x', state: { rev: 8, patch, base_rev: 7 } }).state).toEqual({ rev: 8, patch, baseRev: 7 });
  });

  it('may come as a patch with members that a program added, which are left out', () => {
    const patch = [{ op: 'remove', path: '/hp', oldValue: 3 }];
    expect(read({ prompt: 'x', state: { rev: 8, patch } }).state).toEqual({
      rev: 8,
      patch: [{ op: 'remove', path: '/hp' }],
    });
  });

  const add = { op: 'add', path: '/hp', value: 1 };
  it.each([
    { rev: 1, data: {}, patch: [add] },
    { rev: 1, data: {}, base_rev: 0 },
    { rev: 1, base_rev: 0 },
    { rev: 1, patch: add },
    { rev: 1, patch: [add], base_rev: -1 },
    { rev: 1, patch: [{ ...add, op: 'merge' }] },
    { rev: 1, patch: [{ op: 'add', path: '/hp' }] },
    { rev: 1, patch: [{ op: 'copy', path: '/hp' }] },
    { rev: 1, patch: [{ ...add, path: 'hp' }] },
    { rev: 1, patch: [{ ...add, path: '/a~2' }] },
    { rev: 1, patch: [{ ...add, path: `/${'a'.repeat(limits.scenario.maxPointerChars)}` }] },
    { rev: 1, patch: Array.from({ length: limits.http.maxPatchOperations + 1 }, () => add) },
  ])('has data or a patch that is one: not %j', (state) => {
    expect(turnBody.safeParse({ prompt: 'x', state }).success).toBe(false);
  });

  it.each([{ rev: -1, data: {} }, { rev: 1.5, data: {} }, { rev: 1 }, { data: {} }, { rev: 1, data: {}, more: 1 }])(
    'has a revision and data: not %j',
    (state) => {
      expect(turnBody.safeParse({ prompt: 'x', state }).success).toBe(false);
    },
  );
});

describe('toTurnInput', () => {
  it('gives everything our own names', () => {
    const body = {
      prompt: 'Where?',
      player_id: 'player:42',
      metadata: { quest: 'harbour', step: 3, hard: true },
      max_tokens: 150,
      temperature: 0,
      top_p: 0.5,
      stop: '\n',
      model: 'some-model',
      stream: true,
    };
    expect(read(body)).toEqual({
      text: 'Where?',
      playerId: 'player:42',
      metadata: { quest: 'harbour', step: 3, hard: true },
      overrides: { maxTokens: 150, temperature: 0, topP: 0.5, stop: ['\n'], model: 'some-model' },
      wantsStream: true,
    });
  });

  it('leaves out what was not asked for', () => {
    expect(read({ prompt: 'Where?' })).toEqual({ text: 'Where?', wantsStream: false });
  });
});

describe('the body of a turn', () => {
  it.each([
    { temperature: 2.1 },
    { temperature: -0.1 },
    { temperature: '0.7' },
    { top_p: 1.01 },
    { max_tokens: 0 },
    { max_tokens: 1.5 },
    { stop: ['a', 'b', 'c', 'd', 'e'] },
    { stop: [''] },
    { stop: 'x'.repeat(limits.scenario.maxStopChars + 1) },
    { model: '' },
    { player_id: 'with space' },
    { player_id: '' },
    { metadata: { nested: {} } },
    { metadata: { long: 'x'.repeat(limits.http.maxMetadataValueChars + 1) } },
    { metadata: { ['k'.repeat(limits.http.maxMetadataKeyChars + 1)]: 1 } },
    {
      metadata: Object.fromEntries(
        Array.from({ length: limits.http.maxMetadataPairs + 1 }, (_, index) => [`k${index}`, 1]),
      ),
    },
    { stream: 'yes' },
    { promt: 'a typo' },
    { session_id: '0198c0de-0000-7000-8000-000000000001' },
  ])('refuses %j', (body) => {
    expect(turnBody.safeParse({ prompt: 'x', ...body }).success).toBe(false);
  });

  it('names a session only where none is in the path', () => {
    const body = {
      prompt: 'x',
      session_id: '0198c0de-0000-7000-8000-000000000001',
      scenario_id: 'tavern',
      game_id: 'g',
    };
    expect(generateBody.safeParse(body).success).toBe(true);
  });

  it.each(['', 'Tavern', '.tavern', 'a/b', 'x'.repeat(65)])('refuses the scenario id %j', (scenarioId) => {
    expect(generateBody.safeParse({ prompt: 'x', scenario_id: scenarioId }).success).toBe(false);
  });
});

describe('the session of a turn', () => {
  it('is the same in capitals, as in an address', () => {
    const id = '0198c0de-0000-7000-8000-00000000abcd';
    expect(generateBody.parse({ prompt: 'a', session_id: id.toUpperCase() }).session_id).toBe(id);
  });
});
