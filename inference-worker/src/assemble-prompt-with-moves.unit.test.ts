import { describe, expect, test } from '@jest/globals';
import type { TurnRecord } from '@turnledger/shared/domain';
import { compileMoves, type MoveForm } from '@turnledger/shared/runtime';
import { sampleConfigured, sampleRequested } from '@turnledger/shared/testing';
import { assemblePrompt, type PromptParts } from './assemble-prompt.ts';
import { assemblePromptWithMoves, type PromptPartsWithMoves } from './assemble-prompt-with-moves.ts';

type Turn = TurnRecord<'opened'>;

const schema = {
  type: 'object',
  required: ['to'],
  properties: { to: { $ref: '#/$defs/place' } },
  $defs: { place: { enum: ['harbour', 'office'] } },
};

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

const parts: PromptParts = {
  scenario: sampleConfigured(1, { moves: { mode: 'optional', schema }, view: { model: ['/door'], public: [] } }).data,
  history: [],
  requested: {
    ...(sampleRequested().data as unknown as PromptParts['requested']),
    text: 'And now?',
    position: 2,
    state: { rev: 7, data: { door: 'locked' } },
  },
  choice: { name: 'default', endpoint: 'main', weight: 1, temperature: 0.7, maxTokens: 150, stop: [] },
  model: 'some-model',
};

function assemble(
  changes: Partial<PromptPartsWithMoves> = {},
  form: MoveForm = 'block',
  mode: 'optional' | 'required' = 'optional',
) {
  const rules = compileMoves({ mode, schema });
  if (!rules) throw new TypeError('these have moves');
  return assemblePromptWithMoves({ ...parts, asked: { rules, form }, ...changes });
}

const after = (request: ReturnType<typeof assemble>) =>
  request.messages.slice(1).map(({ role, content }) => `${role}: ${content}`);

describe('a prompt with moves', () => {
  test('ends its instructions in how to propose one, with the schema as the designer wrote it', () => {
    const [first] = assemble().messages;
    expect(first?.role).toBe('system');
    expect(first?.content).toMatch(
      /^You are Troll\.\n\nGuard the bridge\.\n\n## Moves\nWith your answer you may propose/,
    );
    expect(first?.content).toContain('```move');
    expect(first?.content.endsWith(`\n${JSON.stringify(schema)}`)).toBe(true);
  });

  test('says where a move is required', () => {
    expect(assemble({}, 'block', 'required').messages[0]?.content).toContain('With every answer you propose');
  });

  test('is the first version’s but for that, where nothing has been proposed', () => {
    const plain = assemblePrompt({ ...parts, history: [pastTurn()] });
    const request = assemble({ history: [pastTurn()] });
    expect({ ...request, messages: request.messages.slice(1) }).toEqual({
      ...plain,
      messages: plain.messages.slice(1),
    });
  });

  test('shows a past reply with its move, as the model was to write it', () => {
    expect(after(assemble({ history: [pastTurn({ move: { to: 'office' } })] })).slice(0, 2)).toEqual([
      'user: Hello?',
      'assistant: Who asks?\n\n```move\n{"to":"office"}\n```',
    ]);
  });

  test('tells why a move was rejected, in a message of the game’s', () => {
    const moveVerdict = { verdict: 'rejected', reason: 'The door is locked.' } as const;
    const told = 'user: {"move_rejected":{"reason":"The door is locked."}}';
    const inHistory = after(assemble({ history: [pastTurn({ move: { to: 'office' }, moveVerdict })] }));
    const outside = after(assemble({ rejection: 'The door is locked.' }));
    expect([inHistory[2], outside[0]]).toEqual([told, told]);
  });

  test('says nothing of a move that was accepted', () => {
    const moveVerdict = { verdict: 'accepted', stateRev: 8 } as const;
    const history = [pastTurn({ move: { to: 'office' }, moveVerdict })];
    expect(after(assemble({ history })).join('\n')).not.toContain('move_rejected');
  });

  test('ends a corrective attempt with the answer that it corrects and the demand for another', () => {
    expect(after(assemble({ corrected: 'I fly.' })).slice(-3)).toEqual([
      'user: And now?',
      'assistant: I fly.',
      expect.stringMatching(/^user: \{"move_invalid":"Your last answer had no move that the schema allows/),
    ]);
  });

  test('keeps what players and the game wrote out of the instructions', () => {
    const moveVerdict = { verdict: 'rejected', reason: 'XXX' } as const;
    const history = [pastTurn({ prompt: 'XXX', reply: 'XXX', move: { to: 'XXX' }, moveVerdict })];
    const { messages } = assemble({ history, corrected: 'XXX', rejection: 'XXX' });
    expect(messages.filter(({ role }) => role === 'system').map(({ content }) => content.includes('XXX'))).toEqual([
      false,
    ]);
  });

  test('has no format: any model can write a block', () => {
    expect(assemble()).not.toHaveProperty('format');
  });
});

describe('a prompt for structured output', () => {
  test('brings the format of the answer, with the definitions where its references look for them', () => {
    const { $defs, ...move } = schema;
    expect(assemble({}, 'structured').format).toEqual({
      name: 'answer',
      schema: {
        type: 'object',
        properties: { reply: { type: 'string' }, move: { anyOf: [move, { type: 'null' }] } },
        required: ['reply', 'move'],
        additionalProperties: false,
        $defs,
      },
    });
    expect(assemble({}, 'structured', 'required').format?.schema).toMatchObject({ properties: { move } });
  });

  test('shows the past as such answers, greeting and fallback lines included', () => {
    const history = [
      pastTurn({ move: { to: 'office' } }),
      pastTurn({ position: 2, status: 'failed', reply: null, fallback: 'She is silent.' }),
    ];
    const said = after(assemble({ history }, 'structured')).filter((line) => line.startsWith('assistant: '));
    expect(said).toEqual([
      'assistant: {"reply":"Who asks?","move":{"to":"office"}}',
      'assistant: {"reply":"She is silent.","move":null}',
    ]);
  });
});
