import { appendFile, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { openAppendFile } from './append-file.ts';
import type { LoggedWrite } from './logged-event.ts';

const write = (stream: string, text = ''): LoggedWrite => {
  const bytes = Buffer.from(text);
  const event = { id: stream, type: 'Tested', contentType: 'application/json', data: bytes, customMetadata: bytes };
  return { stream, createdAtMs: 1, isTombstone: false, events: [event] };
};

describe('the file of writes', () => {
  let folder: string;
  let path: string;

  const reopened = async () => {
    const file = await openAppendFile(path);
    await file.close();
    return file.replayed;
  };

  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'turnledger-append-file-'));
    path = join(folder, 'deep', 'events.jsonl');
  });
  afterEach(() => rm(folder, { recursive: true, force: true }));

  it('gives back what was flushed, byte for byte, in order', async () => {
    const writes = [write('a', 'line\nbreak \u2028 \u0000'), write('b', 'Grüße'), write('c')];
    const file = await openAppendFile(path);
    for (const one of writes) {
      file.write(one);
      await file.flushed();
    }
    await file.close();
    expect(await reopened()).toEqual(writes);
  });

  it('has a write on the disk when a flush that was asked for behind it resolves', async () => {
    const file = await openAppendFile(path);
    const seen = await Promise.all(
      ['a', 'b', 'c', 'd'].map(async (stream) => {
        file.write(write(stream));
        await file.flushed();
        return (await readFile(path, 'utf8')).includes(`"stream":"${stream}"`);
      }),
    );
    await file.close();
    expect(seen).toEqual([true, true, true, true]);
  });

  it('drops what a killed process left unfinished, and goes on behind the last whole line', async () => {
    const file = await openAppendFile(path);
    file.write(write('a'));
    await file.flushed();
    await file.close();
    await appendFile(path, '{"stream":"half","created');
    const again = await openAppendFile(path);
    again.write(write('b'));
    await again.flushed();
    await again.close();
    expect((await reopened()).map(({ stream }) => stream)).toEqual(['a', 'b']);
  });

  it('refuses to open a file whose whole lines are not writes', async () => {
    await (await openAppendFile(path)).close();
    await writeFile(path, '{"stream": 1}\n');
    await expect(openAppendFile(path)).rejects.toThrow();
  });

  it('fails every flush once one has failed, since nobody knows then where the file ends', async () => {
    const file = await openAppendFile(path);
    await file.close();
    file.write(write('a'));
    await expect(file.flushed()).rejects.toThrow();
    await expect(file.flushed()).rejects.toThrow();
    file.write(write('b'));
    await expect(file.flushed()).rejects.toThrow();
  });
});
