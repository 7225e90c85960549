import { describe, expect, test } from '@jest/globals';
import type { Json, ScenarioConfig, TurnRecord } from '@turnledger/shared/domain';
import { sampleConfigured, sampleRequested } from '@turnledger/shared/testing';
import fc from 'fast-check';
import { assemblePrompt, type PromptParts } from './assemble-prompt.ts';

type Turn = TurnRecord<'opened'>;

const pastTurn = (changes: Partial<Turn> = {}): Turn => ({
  turnId: '0198c0de-0000-7000-8000-0000000000a1',
  sessionId: '0198c0de-0000-7000-8000-000000000001',
  position: 1,
  status: 'completed',
  scenarioId: 'tavern',
  scenarioVersion: 1,
  speaker: { kind: 'game' },
  prompt: 'Hello?',
  promptTokens: 2,
  reply: 'Who asks?',
  attempts: 1,
  deadlineMs: 30_000,
  requestedAt: '2026-01-01T00:00:00.000Z',
  requestedRevision: 1,
  revision: 3,
  ...changes,
});

/** Members of a record that a turn without an answer does not have. */
const without = (turn: Turn, ...names: readonly (keyof Turn)[]): Turn =>
  Object.fromEntries(Object.entries(turn).filter(([name]) => !names.includes(name as keyof Turn))) as unknown as Turn;

const requestedWith = (changes: Partial<PromptParts['requested']> = {}): PromptParts['requested'] => ({
  ...(sampleRequested().data as unknown as PromptParts['requested']),
  text: 'And now?',
  position: 2,
  ...changes,
});

const choice: PromptParts['choice'] = {
  name: 'default',
  endpoint: 'main',
  weight: 1,
  temperature: 0.7,
  maxTokens: 150,
  stop: ['\n'],
};

const assemble = (
  parts: Partial<Omit<PromptParts, 'scenario'>> & { readonly config?: Partial<ScenarioConfig> } = {},
) => {
  const { config = {}, ...rest } = parts;
  const scenario = sampleConfigured(1, config).data;
  return assemblePrompt({ scenario, history: [], requested: requestedWith(), choice, model: 'some-model', ...rest });
};

const said = (parts: Parameters<typeof assemble>[0]) =>
  assemble(parts)
    .messages.map(({ role, content }) => `${role}: ${content}`)
    .slice(1);

describe('assemblePrompt', () => {
  test('begins with the instructions and ends with what was just said', () => {
    expect(assemble().messages).toEqual([
      { role: 'system', content: 'You are Troll.\n\nGuard the bridge.' },
      { role: 'user', content: 'And now?' },
    ]);
  });

  const failed = without(pastTurn({ status: 'failed', errorCode: 'model_empty' }), 'reply');
  const timedOut = without(pastTurn({ status: 'timed_out' }), 'reply');
  const cancelled = without(pastTurn({ status: 'cancelled' }), 'reply');
  const line = 'The troll only grunts.';
  test.each<[string, Turn, readonly string[]]>([
    ['completed: both sides', pastTurn(), ['user: Hello?', 'assistant: Who asks?']],
    [
      'failed with a fallback line: the line',
      { ...failed, fallback: line, partial: 'I was' },
      ['user: Hello?', `assistant: ${line}`],
    ],
    ['failed without one: nothing', { ...failed, partial: 'I was' }, []],
    [
      'timed out with a fallback line: the line',
      { ...timedOut, fallback: line },
      ['user: Hello?', `assistant: ${line}`],
    ],
    ['timed out without one: nothing', { ...timedOut, partial: 'I was' }, []],
    [
      'cancelled with a partial: it, marked',
      { ...cancelled, partial: 'I was' },
      ['user: Hello?', 'assistant: I was — (interrupted)'],
    ],
    ['cancelled without one: nothing', cancelled, []],
    ['still open: nothing', without(pastTurn({ status: 'started' }), 'reply'), []],
    ['input erased: nothing', pastTurn({ prompt: null }), []],
    ['reply erased: nothing', pastTurn({ reply: null }), []],
  ])('of a past turn that is %s', (_name, turn, expected) => {
    expect(said({ history: [turn] })).toEqual([...expected, 'user: And now?']);
  });

  test('past turns stand in their order', () => {
    const history = [1, 2, 3].map((position) => pastTurn({ position, prompt: `${position}?`, reply: `${position}.` }));
    expect(said({ history }).join(' ')).toBe(
      'user: 1? assistant: 1. user: 2? assistant: 2. user: 3? assistant: 3. user: And now?',
    );
  });

  const persona = { name: 'Troll', instructions: 'Guard the bridge.', greeting: 'Halt!' };
  test('the greeting was said before the first turn', () => {
    expect(said({ config: { persona }, requested: requestedWith({ position: 1 }) })).toEqual([
      'assistant: Halt!',
      'user: And now?',
    ]);
    expect(said({ config: { persona }, history: [pastTurn()] })[0]).toBe('assistant: Halt!');
  });

  test('a window that begins later leaves the greeting out', () => {
    const parts = {
      config: { persona },
      history: [pastTurn({ position: 5 })],
      requested: requestedWith({ position: 6 }),
    };
    expect(said(parts)).not.toContain('assistant: Halt!');
  });

  test('parameters are the choice’s; what the request names goes before them', () => {
    expect(assemble().parameters).toEqual({ temperature: 0.7, maxTokens: 150, stop: ['\n'] });
    const overrides = { temperature: 0, topP: 0.5, maxTokens: 10, stop: ['.'] };
    expect(assemble({ requested: requestedWith({ overrides }) }).parameters).toEqual(overrides);
  });

  test('endpoint and model are those that were chosen', () => {
    expect(assemble()).toMatchObject({ endpoint: 'main', model: 'some-model' });
  });

  const withState = (data: Json, ...pointers: readonly string[]) =>
    said({
      config: { view: { model: pointers, public: [] } },
      requested: requestedWith({ state: { rev: 1, data } }),
    }).slice(0, -1);

  test.each<[string, string, Json | undefined]>([
    ['a member', '/clues', { knife: true }],
    ['a part of it', '/clues/knife', true],
    ['an item of a list', '/rooms/1', 'cellar'],
    ['a name with a slash and a tilde', '/a~1b~0c', 7],
    ['a false value', '/door', false],
    ['everything', '', 'whole'],
    ['what is not there', '/nothing/at/all', undefined],
    ['an item past the end', '/rooms/2', undefined],
    ['no item', '/rooms/length', undefined],
    ['an item spelt otherwise', '/rooms/01', undefined],
    ['what every object inherits', '/constructor', undefined],
  ])('shows of the game state %s', (_name, pointer, value) => {
    const data = { clues: { knife: true }, rooms: ['hall', 'cellar'], 'a/b~c': 7, door: false, secret: 'the butler' };
    const shown = value === 'whole' ? data : value;
    const expected = shown === undefined ? [] : [`user: ${JSON.stringify({ game_state: { [pointer]: shown } })}`];
    expect(withState(data, pointer)).toEqual(expected);
  });

  test('no part of the game state outside of the pointers enters a prompt', () => {
    const secret = 'SECRET-5e6c1f';
    const name = fc.constantFrom('clues', 'room', 'a/b', 'x~y', '0', 'deep');
    const json = fc.letrec<{ value: Json }>((tie) => ({
      value: fc.oneof(
        { depthSize: 'small' },
        fc.constantFrom<Json>('seen', 3, null, true),
        fc.array(tie('value'), { maxLength: 3 }),
        fc.dictionary(name, tie('value'), { maxKeys: 3, noNullPrototype: true }),
      ),
    })).value;
    const pointerOf = (path: readonly string[]) =>
      path.map((part) => `/${part.replaceAll('~', '~0').replaceAll('/', '~1')}`).join('');
    fc.assert(
      fc.property(
        fc.dictionary(name, json, { noNullPrototype: true }),
        fc.array(fc.array(name, { minLength: 1, maxLength: 3 }), { maxLength: 3 }),
        (state, paths) => {
          // Every string that no pointer reaches is a secret.
          const hide = (value: Json, path: readonly string[]): Json => {
            if (paths.some((wanted) => wanted.length <= path.length && wanted.every((part, at) => part === path[at])))
              return value;
            if (typeof value === 'string') return secret;
            if (Array.isArray(value)) return value.map((item, index) => hide(item, [...path, String(index)]));
            if (typeof value !== 'object' || value === null) return value;
            return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, hide(item, [...path, key])]));
          };
          expect(JSON.stringify(withState(hide(state, []), ...paths.map(pointerOf)))).not.toContain(secret);
        },
      ),
    );
  });

  test('instructions hold the scenario’s text alone, whatever players and games say', () => {
    fc.assert(
      fc.property(fc.string({ minLength: 1 }), fc.string(), fc.string(), (text, before, reply) => {
        const mark = 'PLAYER-7a1d';
        const { messages } = assemble({
          config: { view: { model: ['/note'], public: [] } },
          history: [pastTurn({ prompt: mark + before, reply })],
          requested: requestedWith({ text: mark + text, state: { rev: 1, data: { note: mark } } }),
        });
        expect(messages.filter(({ role }) => role === 'system')).toEqual([
          { role: 'system', content: 'You are Troll.\n\nGuard the bridge.' },
        ]);
        expect(messages.filter(({ content }) => content.includes(mark)).every(({ role }) => role === 'user')).toBe(
          true,
        );
      }),
    );
  });
});
