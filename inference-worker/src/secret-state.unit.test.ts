import { describe, expect, test } from '@jest/globals';
import {
  applyPatch,
  evolveTurnRecord,
  type Json,
  type PatchOperation,
  type SessionEvent,
} from '@turnledger/shared/domain';
import type { ModelRequest } from '@turnledger/shared/ports';
import { compileMoves, type MoveForm } from '@turnledger/shared/runtime';
import { sampleCompleted, sampleConfigured, sampleRequested } from '@turnledger/shared/testing';
import fc from 'fast-check';
import { assemblePrompt, type PromptParts } from './assemble-prompt.ts';
import { assemblePromptWithMoves } from './assemble-prompt-with-moves.ts';

/**
 * No secret reaches a prompt: whatever a state looks like, of it the request to a model holds what the pointers of `view.model` name, all of that,
 * and nothing else. Every leaf of a state has a mark of its own, and so have most names; where each stands is found here by paths of plain
 * steps, without a line of what is tested.
 */
type Shape =
  | { readonly leaf: 'text' | 'number' }
  | { readonly items: readonly Shape[] }
  | { readonly members: Members };
type Members = readonly (readonly [NameForm, Shape])[];
type NameForm = (mark: string) => string;
type Steps = readonly string[];

interface Site {
  readonly mark: string;
  readonly steps: Steps;
  readonly isName: boolean;
}

interface Sample {
  /** The state of the turn before, that of the turn that is asked for (undefined: it brings none), and the patch between them. */
  readonly before: Json;
  readonly state: Json | undefined;
  readonly patch: readonly PatchOperation[];
  readonly pointers: readonly Steps[];
}

const MARK = /(?:leaf|name)\d{5}x|90\d{5}90/g;
const bounds = {
  maxBytes: 1_000_000,
  maxWrittenBytes: 1_000_000,
  maxDepth: 100,
  bytesOf: (value: Json) => JSON.stringify(value).length,
};

/** Names with a mark, with what a pointer escapes; and short ones that begin like each other, or like what a prototype has. */
const nameForms: readonly NameForm[] = [
  ...[
    (mark: string) => mark,
    (mark: string) => `${mark}/b`,
    (mark: string) => `~1${mark}`,
    (mark: string) => `"${mark}~`,
  ],
  ...['a', 'ab', 'a/b', 'a~b', '~01', '0', '', 'length', 'constructor', 'toString'].map((name) => () => name),
];
const nameForm = fc.constantFrom(...nameForms);

const { shape } = fc.letrec<{ shape: Shape }>((tie) => ({
  shape: fc.oneof(
    { depthSize: 'small' },
    fc.record({ leaf: fc.constantFrom('text' as const, 'number' as const) }),
    fc.record({ items: fc.array(tie('shape'), { maxLength: 3 }) }),
    fc.record({ members: fc.array(fc.tuple(nameForm, tie('shape')), { maxLength: 5 }) }),
  ),
}));
const holder = fc.record({ members: fc.array(fc.tuple(nameForm, shape), { minLength: 2, maxLength: 6 }) });

/** A value of that shape; no two marks are alike. */
function shapedValue(of: Shape, next: () => number): Json {
  const digits = () => String(next()).padStart(5, '0');
  if ('leaf' in of) return of.leaf === 'text' ? `leaf${digits()}x` : Number(`90${digits()}90`);
  if ('items' in of) return of.items.map((item) => shapedValue(item, next));
  return Object.fromEntries(of.members.map(([form, item]) => [form(`name${digits()}x`), shapedValue(item, next)]));
}

/** Every place in a value, the whole first. */
const placesOf = (value: Json, steps: Steps = []): readonly Steps[] => [
  steps,
  ...(typeof value === 'object' && value !== null
    ? Object.entries(value).flatMap(([name, item]) => placesOf(item, [...steps, name]))
    : []),
];

const marksIn = (text: string): readonly string[] => text.match(MARK) ?? [];

/** Every mark with its place. */
function sitesOf(value: Json, steps: Steps = []): readonly Site[] {
  if (typeof value !== 'object' || value === null)
    return marksIn(String(value)).map((mark) => ({ mark, steps, isName: false }));
  return Object.entries(value).flatMap(([name, item]) => {
    const at = [...steps, name];
    return [...marksIn(name).map((mark) => ({ mark, steps: at, isName: true })), ...sitesOf(item, at)];
  });
}

const pointerOf = (steps: Steps): string =>
  steps.map((step) => `/${step.replaceAll('~', '~0').replaceAll('/', '~1')}`).join('');

/** Most name a place, some what is not there: below a leaf, behind a list, half a name, what only a prototype has. */
const strayed: readonly ((steps: Steps) => Steps)[] = [
  ...Array.from({ length: 6 }, () => (steps: Steps) => steps),
  (steps) => steps.slice(0, -1),
  (steps) => [...steps, 'missing'],
  (steps) => [...steps, 'length'],
  (steps) => [...steps, '7'],
  (steps) => [...steps.slice(0, -1), (steps.at(-1) ?? '').slice(0, -1)],
  (steps) => [...steps, 'constructor', 'name'],
];

const plannedOperation = fc.record({
  op: fc.constantFrom('add', 'replace', 'move', 'copy', 'remove'),
  at: fc.nat(),
  from: fc.nat(),
  name: nameForm,
  shape,
});

const samples: fc.Arbitrary<Sample> = fc
  .record({
    before: holder,
    whole: fc.option(holder),
    operations: fc.array(plannedOperation, { maxLength: 6 }),
    brings: fc.constantFrom(true, true, true, true, false),
    pointers: fc.array(fc.tuple(fc.nat(), fc.constantFrom(...strayed)), { maxLength: 5 }),
  })
  .map(({ before, whole, operations, brings, pointers }) => {
    let count = 0;
    const next = () => count++;
    const first = shapedValue(before, next);
    const patch: PatchOperation[] = whole ? [{ op: 'replace', path: '', value: shapedValue(whole, next) }] : [];
    for (const planned of operations) {
      const places = placesOf(patchedBy(first, patch) ?? first);
      const place = (index: number) => places[index % places.length] ?? [];
      const at = pointerOf(place(planned.at));
      const path =
        planned.op === 'add' ? `${at}${pointerOf([planned.name(`name${String(next()).padStart(5, '0')}x`)])}` : at;
      const one = {
        op: planned.op,
        path,
        from: pointerOf(place(planned.from)),
        value: shapedValue(planned.shape, next),
      };
      if (patchedBy(first, [...patch, one as PatchOperation]) !== undefined) patch.push(one as PatchOperation);
    }
    const state = patchedBy(first, patch) ?? first;
    const places = placesOf(state);
    const named = pointers.map(([index, stray]) => stray(places[index % places.length] ?? []));
    return { before: first, state: brings ? state : undefined, patch, pointers: named };
  });

function patchedBy(document: Json, patch: readonly PatchOperation[]): Json | undefined {
  const patched = applyPatch(document, patch, bounds);
  return patched.outcome === 'patched' ? patched.document : undefined;
}

const isWithin = (steps: Steps, around: Steps): boolean => around.every((step, index) => step === steps[index]);

/** The marks that the model is to be told: all inside of what the pointers name, and the names that a pointer itself is made of. */
function toldMarks({ state, pointers }: Sample): ReadonlySet<string> {
  if (state === undefined) return new Set();
  const places = new Set(placesOf(state).map((steps) => JSON.stringify(steps)));
  const found = pointers.filter((steps) => places.has(JSON.stringify(steps)));
  const isTold = ({ steps, isName }: Site) =>
    found.some(
      (pointer) => isWithin(isName ? steps.slice(0, -1) : steps, pointer) || (isName && isWithin(pointer, steps)),
    );
  return new Set(sitesOf(state).flatMap((site) => (isTold(site) ? [site.mark] : [])));
}

type Turns = SessionEvent<'opened'>;
const turnId = '0198c0de-0000-7000-8000-0000000000a1';
const requestedWith = (changes: object) =>
  ({ ...sampleRequested().data, text: 'And now?', ...changes }) as unknown as PromptParts['requested'];

/** What the worker assembles from: the turn before as its events tell it, and the one that is asked for. */
function partsOf({ before, state, pointers }: Sample): PromptParts {
  const events: readonly Turns[] = [
    { type: 'TurnRequested', data: requestedWith({ turnId, text: 'Hello?', state: { rev: 1, data: before } }) },
    { type: 'TurnCompleted', data: { ...sampleCompleted({ turnId, move: { to: 'office' } }).data } },
  ];
  const context = { sessionId: 'session', scenarioId: 'tavern', revision: 1, recordedAt: '2026-01-01T00:00:00.000Z' };
  const record = events.reduce<ReturnType<typeof evolveTurnRecord<'opened'>>>(
    (turn, event) => evolveTurnRecord(turn, event, context),
    undefined,
  );
  return {
    scenario: sampleConfigured(1, { moves, view: { model: pointers.map(pointerOf), public: [''] } }).data,
    history: record ? [record] : [],
    requested: requestedWith({ position: 2, ...(state !== undefined && { state: { rev: 2, data: state } }) }),
    choice: { name: 'default', endpoint: 'main', weight: 1, temperature: 0.7, maxTokens: 150, stop: [] },
    model: 'some-model',
  };
}

const moves = { mode: 'optional', schema: { type: 'object', properties: { to: { type: 'string' } } } } as const;

type Assembler = (parts: PromptParts, sample: Sample) => ModelRequest;
const withMoves =
  (form: MoveForm): Assembler =>
  (parts) => {
    const rules = compileMoves(moves);
    if (!rules) throw new TypeError('these have moves');
    const asked = { rules, form };
    return assemblePromptWithMoves({ ...parts, asked, rejection: 'It is locked.', corrected: 'I fly.' });
  };

/** No mark leaks, and none that is to be told is lost. */
const keepsSecrets = (assemble: Assembler) =>
  fc.property(samples, (sample) => {
    const marks = new Set(marksIn(JSON.stringify(assemble(partsOf(sample), sample))));
    const told = toldMarks(sample);
    const everything = marksIn(JSON.stringify([sample.before, sample.state ?? null, sample.patch]));
    expect({
      leaked: everything.filter((mark) => marks.has(mark) && !told.has(mark)),
      lost: [...told].filter((mark) => !marks.has(mark)),
    }).toEqual({ leaked: [], lost: [] });
  });

const RUNS = 300;

describe('of a game state the model is told what `view.model` names, and nothing else', () => {
  test.each<[string, Assembler]>([
    ['without moves', assemblePrompt],
    ['with moves in a block', withMoves('block')],
    ['with moves as structured output', withMoves('structured')],
  ])('in a prompt %s', (_form, assemble) => {
    fc.assert(keepsSecrets(assemble), { numRuns: RUNS });
  });

  test('over samples of every kind that matters', () => {
    const drawn = fc.sample(samples, RUNS);
    const told = drawn.map((sample) => toldMarks(sample).size);
    const secret = drawn.map((sample, index) => sitesOf(sample.state ?? null).length - (told[index] ?? 0));
    expect(told.filter((count, index) => count > 0 && (secret[index] ?? 0) > 0).length).toBeGreaterThan(RUNS / 5);
    expect(drawn.filter(({ patch }) => patch.some(({ op }) => op === 'copy' || op === 'move')).length).toBeGreaterThan(
      RUNS / 5,
    );
    expect(drawn.filter(({ pointers }) => pointers.some((steps) => /[~/]/.test(steps.join()))).length).toBeGreaterThan(
      RUNS / 10,
    );
  });
});

/** The prompt of version 1 with one more message, as a mistake would add it. */
const adding =
  (more: (sample: Sample) => unknown): Assembler =>
  (parts, sample) => {
    const request = assemblePrompt(parts);
    return {
      ...request,
      messages: [...request.messages, { role: 'user', content: JSON.stringify(more(sample)) ?? '' }],
    };
  };

const nodeAt = (value: Json | undefined, steps: Steps): Json | undefined =>
  steps.reduce<Json | undefined>(
    (found, step) => (found as { readonly [name: string]: Json } | undefined)?.[step],
    value,
  );

describe('the property sees', () => {
  test.each<[string, Assembler]>([
    ['all of the state', adding(({ state }) => state)],
    ['the state of the turn before', adding(({ before }) => before)],
    ['the patch', adding(({ patch }) => patch)],
    ['the names beside what is shown', adding(({ state }) => Object.keys(state ?? {}))],
    [
      'what a pointer begins like',
      adding(({ state, pointers }) =>
        placesOf(state ?? null)
          .filter((steps) =>
            pointers.some((pointer) => pointer.length > 0 && pointerOf(steps).startsWith(pointerOf(pointer))),
          )
          .map((steps) => nodeAt(state, steps)),
      ),
    ],
    [
      'what stands around a pointer to nothing',
      adding(({ state, pointers }) =>
        pointers.map((steps) => (nodeAt(state, steps.slice(0, 1)) === undefined ? state : undefined)),
      ),
    ],
    [
      'a prompt that shows the first pointer alone',
      (parts) => {
        const { view } = parts.scenario;
        return assemblePrompt({
          ...parts,
          scenario: { ...parts.scenario, view: { ...view, model: view.model.slice(0, 1) } },
        });
      },
    ],
    [
      'pointers whose escapes are not read',
      (parts) => {
        const { view } = parts.scenario;
        const model = view.model.map((pointer) => pointer.replaceAll('~', '~0'));
        return assemblePrompt({ ...parts, scenario: { ...parts.scenario, view: { ...view, model } } });
      },
    ],
  ])('%s', (_mistake, planted) => {
    expect(fc.check(keepsSecrets(planted), { numRuns: RUNS, endOnFailure: true }).failed).toBe(true);
  });
});
