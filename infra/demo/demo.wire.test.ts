import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { limits } from '@turnledger/shared/contracts';
import { endEmbedded, startEmbeddedProcess } from '../embedded/testing/embedded-process.ts';

const at = (path: string): string => fileURLToPath(new URL(path, import.meta.url));
const hooks = ['--conditions=turnledger-source', '--import', at('../checks/typescript-hooks.js')];

let folder = '';
beforeAll(async () => {
  folder = await mkdtemp(join(process.env.TURNLEDGER_TEST_FOLDER ?? tmpdir(), 'demo-'));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

interface Demo {
  readonly child: ChildProcess;
  readonly output: { text: string; errors: string };
  readonly ended: Promise<{ readonly code: number | null; readonly signal: NodeJS.Signals | null }>;
  /** Resolves once it has printed that. */
  printed(text: string): Promise<void>;
}

/** The demo as `npm run demo` runs it, but from source; a shell's own Turnledger variables and key are not its business. */
function startDemo(...args: readonly string[]): Demo {
  const child = spawn(process.execPath, [...hooks, at('main.ts'), ...args], {
    env: {
      PATH: process.env.PATH,
      HOME: process.env.HOME,
      TMPDIR: folder,
      OPENAI_API_KEY: 'sk-of-a-shell',
      TURNLEDGER_MODEL: 'a-model-that-costs-money',
    },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const output = { text: '', errors: '' };
  const ended = once(child, 'close').then(([code, signal]) => ({ code, signal }));
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    output.errors += text;
  });
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    output.text += text;
  });
  const printed = async (text: string) => {
    while (!output.text.includes(text)) await once(child.stdout, 'data');
  };
  return { child, output, ended, printed };
}

describe('npm run demo', () => {
  let text = '';
  let demo: Demo;
  let tookMs = 0;

  beforeAll(async () => {
    const startedAtMs = performance.now();
    demo = startDemo();
    await demo.ended;
    tookMs = performance.now() - startedAtMs;
    text = demo.output.text;
  }, 60_000);

  test('ends well, within 20 s, and says nothing on standard error', async () => {
    expect(demo.output.errors).toBe('');
    expect(await demo.ended).toEqual({ code: 0, signal: null });
    expect(tookMs).toBeLessThan(20_000);
  });

  test('tells four turns in character, and two more from the save', () => {
    expect(text.match(/^Detective /gm)).toHaveLength(6);
    expect(text).toMatch(/^Marta Reis {4}At my desk, with the lamp lit/m);
    expect(text).toMatch(/^Marta Reis {4}Pages come loose\./m);
    expect(text).toMatch(/^Marta Reis {4}Two hundred and eleven kilos/m);
    expect(text).not.toMatch(/scripted stand-in/);
  });

  test('answers one key with one turn', () => {
    const [first, second] = ['first answer ', 'second answer'].map((name) =>
      new RegExp(`^${name} (\\S+)$`, 'm').exec(text),
    );
    expect(first?.[1]).toMatch(/^[0-9a-f-]{36}$/);
    expect(second?.[1]).toBe(first?.[1]);
  });

  test('keeps of a cancelled turn what was said, and no more', () => {
    expect(text).toMatch(/^Marta Reis {4}Then put the pencil down\./m);
    const [firstTelling] = text.split('An old save is loaded');
    expect(firstTelling).not.toContain('somebody ought to have written that he was there');
    expect(text).toMatch(/^turn 4 {8}cancelled {2}“Then put the pencil down\./m);
  });

  test('renders all of it again, and keeps every promise it looks at', () => {
    expect(text.match(/^turn \d {8}\w+ +“/gm)).toHaveLength(4);
    expect(text.match(/^kept /gm)).toHaveLength(6);
    expect(text).not.toMatch(/^BROKEN/m);
  });

  test('goes back to a save twice: her memory holds one ending, the record all of them', () => {
    expect(text).toMatch(/^in the save {3}[A-Za-z0-9_-]{43}$/m);
    expect(text).toMatch(/^Marta Reis {4}Then write down the hour/m);
    expect(text.replaceAll(/\s+/g, ' ')).toContain('somebody ought to have written that he was there');
    expect(text.match(/^ending 4 .*$/gm)).toEqual([
      'ending 4      cancelled  rewound away',
      'ending 4      completed  rewound away',
      'ending 4      completed  what is remembered',
    ]);
  });

  test('shows what was used: a call for each turn, and none for the repetition', () => {
    expect(text).toMatch(/^turns {9}5 completed, 1 cancelled$/m);
    expect(text).toMatch(/^tokens {8}[1-9]\d+ read, [1-9]\d+ said$/m);
    expect(text).toMatch(/^cost {10}nothing: the scripted character is free$/m);
    expect(text).toMatch(/^calls {9}6 to scripted at default: 5 completed, 1 cancelled$/m);
  });

  test('asks the same questions of another model, and shows word by word what it answers otherwise', () => {
    const [, again = ''] = text.split('6. The same questions, asked again');
    expect(again).toMatch(
      /^estimate {6}4 turns, some [1-9]\d+ tokens to read and [1-9]\d+ to say: [1-9]\d+ micro-USD$/m,
    );
    expect(again.match(/^turn \d .*$/gm)).toEqual([
      'turn 1        otherwise',
      'turn 2        word for word',
      'turn 3        otherwise',
      'turn 4        otherwise',
    ]);
    expect(again).toContain('[-four-]{+five+}');
    expect(again).toMatch(/^asked {9}understudy-1 at understudy$/m);
    expect(again).toMatch(/^otherwise {5}3 of them, from turn 1 on; \d+ % of the words are the same$/m);
    expect(again).toMatch(/^cost {10}[1-9]\d+ micro-USD$/m);
  });

  test('fits a terminal of 100 columns, without colours where there is no terminal', () => {
    expect(text.split('\n').filter((line) => line.length > 100)).toEqual([]);
    expect(text).not.toContain('\x1b');
  });

  test('leaves nothing behind', async () => expect(await readdir(folder)).toEqual([]));
});

test(
  'a demo that is interrupted ends by that signal, and leaves nothing behind',
  async () => {
    const demo = startDemo();
    await demo.printed('Pages come');
    demo.child.kill('SIGINT');
    expect(await demo.ended).toEqual({ code: null, signal: 'SIGINT' });
    expect(demo.output.errors).toBe('');
    expect(await readdir(folder)).toEqual([]);
  },
  limits.process.drainMs + 60_000,
);

describe('npm run demo -- --url', () => {
  afterAll(endEmbedded);

  test('plays on a running service, and again on what it left there', async () => {
    const { url } = await startEmbeddedProcess();
    for (const completed of [5, 10]) {
      const demo = startDemo('--url', url);
      expect(await demo.ended).toEqual({ code: 0, signal: null });
      expect(demo.output.errors).toBe('');
      expect(demo.output.text).toMatch(
        new RegExp(`^turns {9}${completed} completed, ${completed / 5} cancelled$`, 'm'),
      );
      expect(demo.output.text).toMatch(/^asked {9}the same model$/m);
      expect(demo.output.text).not.toMatch(/^BROKEN/m);
    }
  }, 60_000);

  test.each([
    ['--url', 'nowhere'],
    ['--uri', 'http://localhost'],
    ['--token', 'alone'],
  ])('%s %s is told to be wrong, in one line', async (...args) => {
    const demo = startDemo(...args);
    expect(await demo.ended).toEqual({ code: 1, signal: null });
    expect(demo.output.errors).toMatch(/^the demo broke off: .*npm run demo \[-- --url .*\n$/);
  });
});
