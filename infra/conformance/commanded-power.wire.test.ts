import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { type EventStoreTwin, startEventStoreTwin } from '../twins/eventstore/index.ts';
import { commandedPower } from './commanded-power.ts';

describe('power by two commands', () => {
  let twin: EventStoreTwin;
  let folder: string;

  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'turnledger-power-'));
    twin = await startEventStoreTwin();
  });
  afterEach(async () => {
    await twin.close();
    await rm(folder, { recursive: true, force: true });
  });

  it('runs them in a shell, one after the other', async () => {
    const log = join(folder, 'log');
    const power = commandedPower(twin.url, `echo stop >> '${log}'`, `echo start >> '${log}'`);
    await power.stop();
    await power.start();
    expect(await readFile(log, 'utf8')).toBe('stop\nstart\n');
  });

  it('has started when the server says that it is live', async () => {
    twin.faults.set({ kind: 'unavailable' });
    let isLive = false;
    setTimeout(() => {
      isLive = true;
      twin.faults.heal();
    }, 100);
    await commandedPower(twin.url, 'true', 'true').start();
    expect(isLive).toBe(true);
  });

  it('rejects when a command fails', async () => {
    await expect(commandedPower(twin.url, 'exit 3', 'true').stop()).rejects.toMatchObject({
      code: 'store_unavailable',
    });
  });
});
