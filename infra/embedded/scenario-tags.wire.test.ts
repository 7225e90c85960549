import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { type EmbeddedProcess, endEmbedded, startEmbeddedProcess } from './testing/embedded-process.ts';
import { type HttpCalls, httpCalls } from './testing/http-calls.ts';

let turnledger: EmbeddedProcess;
let calls: HttpCalls;
let scenarioId = '';
let scenarios = 0;

beforeAll(async () => {
  turnledger = await startEmbeddedProcess();
  calls = httpCalls(turnledger.url);
});
afterAll(endEmbedded);
beforeEach(() => {
  scenarios += 1;
  scenarioId = `tagged-${scenarios}`;
});

const configure = (body: object, headers = {}) =>
  calls.post('/llm/configure', { scenario_id: scenarioId, ...body }, headers);
const retire = (headers = {}) => calls.post(`/v1/scenarios/${scenarioId}/retire`, {}, headers);
const read = (headers = {}, path = '') => calls.get(`/v1/scenarios/${scenarioId}${path}`, headers);

/** The scenario's tag, once queries have seen what a command did. */
async function tagAfter(command: ReturnType<typeof configure>): Promise<string> {
  const { body } = await command;
  const { headers } = await read({}, `?min_position=${body.log_position}`);
  return headers.get('etag') ?? '';
}

describe("a scenario's tag", () => {
  test('is another one after each change, though the version that is shown stays the same', async () => {
    const tags = [
      await tagAfter(configure({})),
      await tagAfter(configure({ max_tokens: 60, publish: false })),
      await tagAfter(configure({ max_tokens: 60 })),
      await tagAfter(retire()),
    ];
    expect(tags).toEqual(['"1.1"', '"2.2"', '"2.3"', '"2.4"']);
  });

  test.each(['', '/versions'])('a client that knows the scenario is told of its retirement: %j', async (path) => {
    const known = { 'if-none-match': await tagAfter(configure({})) };
    expect((await read(known, path)).status).toBe(304);
    await tagAfter(retire());
    const told = await read(known, path);
    expect(told.status).toBe(200);
    expect(path === '' ? told.body : told.body.data[0]).toMatchObject({ version: 1, newest_version: 1, retired: true });
  });

  test('guards the change of what was read, promoted or not', async () => {
    await configure({});
    const etag = await tagAfter(configure({ max_tokens: 60, publish: false }));
    expect((await read()).body).toMatchObject({ version: 1, newest_version: 2, promoted: true, retired: false });
    expect((await configure({ max_tokens: 70 }, { 'if-match': etag })).status).toBe(201);
  });

  test('of before a promotion is refused; the version alone, which a promotion leaves alone, is not', async () => {
    await configure({});
    const etag = await tagAfter(configure({ max_tokens: 60, publish: false }));
    await configure({ max_tokens: 60 });
    for (const refused of [
      await configure({ max_tokens: 70 }, { 'if-match': etag }),
      await retire({ 'if-match': etag }),
    ])
      expect(refused).toMatchObject({ status: 412, body: { code: 'scenario_version_mismatch', version: 2 } });
    expect((await configure({ max_tokens: 70 }, { 'if-match': '"2"' })).status).toBe(201);
  });

  test('guards a retirement', async () => {
    const etag = await tagAfter(configure({}));
    expect((await retire({ 'if-match': etag })).status).toBe(200);
  });

  test('of a command is the version that it made, which the next one takes', async () => {
    const { headers } = await configure({});
    expect(headers.get('etag')).toBe('"1"');
    expect((await configure({ max_tokens: 60 }, { 'if-match': headers.get('etag') ?? '' })).status).toBe(201);
  });
});
