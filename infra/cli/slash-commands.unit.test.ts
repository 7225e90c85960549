import { describe, expect, test } from '@jest/globals';
import { createTurnledgerClient } from '@turnledger/shared/client';
import { CallOff } from './call-off.ts';
import type { PlayTable } from './play-table.ts';
import { isSlashLine, runSlashLine, slashHelp } from './slash-commands.ts';

/** A table that nothing can be asked at; `notes` are what was said there. */
function silentTable() {
  const notes: string[] = [];
  const client = createTurnledgerClient({ baseUrl: 'http://localhost:8080' });
  const stage = { note: (line: string) => notes.push(line) } as unknown as PlayTable['stage'];
  const leaving = new AbortController();
  const table: PlayTable = { stage, session: client.session('s'), callOff: new CallOff(() => undefined), leaving };
  return { table, notes };
}

describe('a line with a slash', () => {
  test('is for the program, any other for the character', () => {
    expect(['/quit', 'quit', ' /quit'].map(isSlashLine)).toEqual([true, false, false]);
  });

  test('leaves or stays, as its command says', async () => {
    const { table, notes } = silentTable();
    expect(await runSlashLine(table, '/quit ')).toBe('leave');
    expect(await runSlashLine(table, '/help')).toBe('stay');
    expect(notes).toEqual(slashHelp());
    expect(notes.find((note) => note.startsWith('/history'))).toMatch(/^\/history +show what was said so far$/);
  });

  test.each([
    ['/undo', 'There is no /undo; /help lists what there is.'],
    ['/fork 1 2', '/fork takes [turn or bookmark].'],
    ['/rewind', '/rewind takes a turn of /history, a bookmark, or start.'],
    ['/', 'There is no /; /help lists what there is.'],
    ['/quit now', '/quit takes nothing more.'],
    ['/end won twice', '/end takes [outcome].'],
  ])('is wrong use when it is %s', async (line, detail) => {
    await expect(runSlashLine(silentTable().table, line)).rejects.toMatchObject({
      code: 'config_invalid',
      extras: { detail },
    });
  });
});
