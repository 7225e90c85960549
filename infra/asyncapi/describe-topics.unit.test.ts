import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { describe, expect, test } from '@jest/globals';
import { turnEndedMessage, turnRequestedMessage } from '@turnledger/shared/contracts';
import { Ajv } from 'ajv';
import { describeTopics } from './describe-topics.ts';

const require = createRequire(import.meta.url);
/** The JSON schema of the AsyncAPI initiative for documents of version 3.0.0. */
const official: object = require('@asyncapi/specs/schemas/3.0.0-without-$id.json');
const isDocument = new Ajv({ strict: false, meta: false, validateSchema: false, validateFormats: false }).compile(
  official,
);

interface Described {
  readonly channels: { readonly [name: string]: { readonly address: string } };
  readonly components: { readonly schemas: { readonly [name: string]: object } };
}
const described = describeTopics() as unknown as Described;

const envelope = {
  specversion: '1.0',
  id: 'a/requested',
  source: '/turnledger/log',
  time: '2026-01-01T00:00:00.000Z',
  datacontenttype: 'application/json',
};
const turn = { session_id: 's', turn_id: 'a', correlation_id: 'c' };
const requested = { ...envelope, type: 'turnledger.turn.requested.v1', data: { ...turn, deadline_ms: 30_000 } };
const ended = { ...envelope, type: 'turnledger.turn.ended.v1', data: turn };

describe('the AsyncAPI description', () => {
  test('is what infra/docs/asyncapi.json has; `npm run asyncapi` writes it', () => {
    const committed = readFileSync(new URL('../docs/asyncapi.json', import.meta.url), 'utf8');
    expect(JSON.parse(committed)).toEqual(described);
  });

  test('is a valid AsyncAPI 3.0 document', () => {
    expect(isDocument(described) ? [] : isDocument.errors).toEqual([]);
    // The schema is not one that takes anything.
    expect(isDocument({ ...described, channels: { turns: { adress: 'turns' } } })).toBe(false);
  });

  test('leads nowhere that is not there', () => {
    const references = [...JSON.stringify(described).matchAll(/"\$ref":"#\/([^"]+)"/g)].map(([, path = '']) => path);
    const found = references.map((path) =>
      path.split('/').reduce<unknown>((at, name) => (at as { readonly [name: string]: unknown })?.[name], described),
    );
    expect(references.length).toBeGreaterThan(10);
    expect(found).not.toContain(undefined);
  });

  test('names the three topics under the prefix', () => {
    expect(Object.values(described.channels).map(({ address }) => address)).toEqual([
      '{prefix}turns.requested',
      '{prefix}turns.ended',
      '{prefix}turns.parked',
    ]);
  });

  test.each([
    ['TurnRequestedMessage', turnRequestedMessage, requested],
    ['TurnEndedMessage', turnEndedMessage, ended],
  ])('takes and refuses the same messages as the schema that reads them: %s', (name, schema, message) => {
    const isMessage = new Ajv({ strict: false, validateFormats: false }).compile(
      described.components.schemas[name] ?? {},
    );
    const { specversion: _without, ...incomplete } = message;
    const candidates = [
      message,
      incomplete,
      { ...message, type: 'other' },
      { ...message, data: {} },
      { ...message, extension: 1 },
    ];
    const verdicts = candidates.map((candidate) => isMessage(candidate));
    expect(verdicts).toEqual([true, false, false, false, true]);
    expect(verdicts).toEqual(candidates.map((candidate) => schema.safeParse(candidate).success));
  });
});
