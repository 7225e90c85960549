import { describe, expect, it } from '@jest/globals';
import { eventStoreFaultSchema } from './event-store-fault.ts';
import { readTwinFlags, TWIN_USAGE } from './twin-flags.ts';

describe('readTwinFlags', () => {
  it('starts on the real server’s port, in memory, in good order', () => {
    expect(readTwinFlags([])).toEqual({
      outcome: 'start',
      host: '127.0.0.1',
      port: 2_113,
      dataFolder: undefined,
      fault: undefined,
      withParent: false,
    });
  });

  it('takes a port, a folder, a fault and a parent', () => {
    const args = ['--port', '0', '--data', '/tmp/x', '--fault', '{"kind": "slow", "delayMs": 3}', '--with-parent'];
    expect(readTwinFlags(args)).toMatchObject({
      outcome: 'start',
      port: 0,
      dataFolder: '/tmp/x',
      fault: { kind: 'slow', delayMs: 3 },
      withParent: true,
    });
  });

  it.each([
    [['--port', '65536'], '--port'],
    [['--port', 'x'], '--port'],
    [['--fault', 'slow'], '--fault'],
    [['--fault', '{"kind": "slow", "delayMs": -1}'], '--fault'],
    [['--nonsense'], '--nonsense'],
  ])('names the mistake in %p', (args, flag) => {
    const flags = readTwinFlags(args);
    expect(flags).toMatchObject({ outcome: 'mistake', message: expect.stringContaining(flag) });
  });

  it('lists every fault in its help', () => {
    expect(readTwinFlags(['-h'])).toEqual({ outcome: 'help' });
    for (const { shape } of eventStoreFaultSchema.options) expect(TWIN_USAGE).toContain(shape.kind.value);
  });
});
