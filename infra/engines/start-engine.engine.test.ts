import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { access, chmod, mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { afterEach, describe, expect, test } from '@jest/globals';
import { programArguments } from '../bench/processes/program.ts';
import type { Engine, EngineName } from './engine.ts';
import { startEngine } from './start-engine.ts';

const running: Engine[] = [];
const folders: string[] = [];

afterEach(async () => {
  for (const engine of running.splice(0)) await engine.stop();
  for (const folder of folders.splice(0)) await rm(folder, { recursive: true, force: true });
});

const start = async (...[name, options]: Parameters<typeof startEngine>): Promise<Engine> => {
  const engine = await startEngine(name, options);
  running.push(engine);
  return engine;
};
const folder = async (): Promise<string> => {
  const path = await mkdtemp(join(tmpdir(), 'turnledger-engines-test-'));
  await chmod(path, 0o711); // As root PostgreSQL is another user, who must pass.
  folders.push(path);
  return path;
};
const portOf = (engine: Engine): number => Number(/:(\d+)$/.exec(engine.url)?.[1]);
const isAlive = (pid: number): boolean => {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
};
/** Sends a line to Redis and answers its first one. */
const askRedis = async (engine: Engine, line: string): Promise<string> => {
  const socket = connect(portOf(engine), '127.0.0.1');
  try {
    socket.write(`${line}\r\n`);
    const [answer] = await once(socket, 'data');
    return String(answer).trim();
  } finally {
    socket.destroy();
  }
};

describe('an engine', () => {
  test('Redis takes commands when it is ready, keeps nothing on disk, and is gone after its stop', async () => {
    const redis = await start('redis');
    expect(await askRedis(redis, 'PING')).toBe('+PONG');
    expect(await askRedis(redis, 'CONFIG GET save')).toContain('save\r\n$0');
    await redis.stop();
    expect(isAlive(redis.pid)).toBe(false);
  });

  test('comes back on its folder and port after it was killed', async () => {
    const place = await folder();
    const first = await start('kafka', { folder: place });
    process.kill(first.pid, 'SIGKILL');
    await first.ended;
    const second = await start('kafka', { folder: place, port: portOf(first) });
    expect(second.url).toBe(first.url);
    await access(join(place, 'log', 'meta.properties'));
  });

  test('that was killed says so to whoever started it', async () => {
    const redis = await start('redis');
    process.kill(redis.pid, 'SIGKILL');
    expect(await redis.ended).toBe('ended by SIGKILL');
  });

  test('whose port is taken is refused with its own words', async () => {
    const redis = await start('redis');
    await expect(startEngine('redis', { port: portOf(redis) })).rejects.toMatchObject({
      code: 'engine_ended',
      message: expect.stringMatching(/redis: .*(bind|in use)/i),
    });
  });

  test('that is not installed is named, with what to install', async () => {
    const path = process.env.PATH;
    process.env.PATH = await folder();
    try {
      await expect(startEngine('redis')).rejects.toMatchObject({
        code: 'engine_missing',
        message: expect.stringMatching(/redis-server or valkey-server is not on PATH; .*apt-get install redis-server/),
      });
    } finally {
      process.env.PATH = path;
    }
  });
});

test.each(['redis', 'kafka', 'postgres'] as EngineName[])(
  '%s ends with a parent that was killed by SIGKILL, and its folder goes',
  async (name) => {
    const place = await folder();
    const program = join(place, 'parent.ts');
    const source = fileURLToPath(new URL('start-engine.ts', import.meta.url));
    await writeFile(
      program,
      `import { startEngine } from '${source}';
       const { pid, ended } = await startEngine('${name}');
       process.stdout.write(pid + '\\n');
       await ended;`,
    );
    const hooks = programArguments('engines/start-engine').slice(0, -1);
    const parent = spawn(process.execPath, [...hooks, program], {
      stdio: ['ignore', 'pipe', 'pipe'],
      env: { PATH: process.env.PATH, HOME: process.env.HOME, TMPDIR: place },
    });
    let said = '';
    parent.stderr.setEncoding('utf8').on('data', (text: string) => {
      said += text;
    });
    const closed = once(parent, 'close');
    const [line] = await Promise.race([once(createInterface(parent.stdout), 'line'), closed.then(() => [said])]);
    const pid = Number(line);
    expect(line).toMatch(/^\d+$/);
    expect(isAlive(pid)).toBe(true);
    parent.kill('SIGKILL');
    // The guard has inherited its standard error, so this waits for the guard's own end, after the cleaning up.
    await closed;
    expect(isAlive(pid)).toBe(false);
    expect((await readdir(place)).filter((entry) => entry.startsWith('turnledger-'))).toEqual([]);
  },
);
