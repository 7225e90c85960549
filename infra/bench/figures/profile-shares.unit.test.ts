import { describe, expect, it } from '@jest/globals';
import { callCounts } from './call-counts.ts';
import { moduleOf, ownModuleOf } from './profile-modules.ts';
import { profileShares } from './profile-shares.ts';

const frame = (functionName: string, url = '') => ({ functionName, url, lineNumber: 9 });

describe('the module of a frame', () => {
  it.each([
    ['file:///x/command-api/dist/src/app.js', 'command-api'],
    ['file:///x/shared/dist/runtime/ledger/ledger.js', 'shared/runtime'],
    ['file:///x/shared/dist/adapters/postgres/connection.js', 'shared/adapters/postgres'],
    ['file:///x/node_modules/@turnledger/shared/dist/trust/envelope.js', 'shared/trust'],
    ['file:///x/node_modules/pg/lib/client.js', 'pg'],
    ['file:///x/node_modules/pg/node_modules/pg-types/dist/text.js', 'pg-types'],
    ['file:///x/node_modules/@koa/router/dist/router.js', '@koa/router'],
    ['node:internal/streams/writable', 'node:internal/streams'],
    ['node:events', 'node:events'],
  ])('%s is %s', (url, name) => {
    expect(moduleOf(frame('run', url))).toBe(name);
  });

  it('is the machine where there is no file', () => {
    expect(moduleOf(frame('(garbage collector)'))).toBe('(garbage collector)');
    expect(moduleOf(frame('writev'))).toBe('(native)');
  });

  it('is not ours in a package that has a folder named dist', () => {
    expect(ownModuleOf('file:///x/node_modules/lru-cache/dist/index.js')).toBeUndefined();
  });
});

describe('profileShares', () => {
  const profile = {
    nodes: [
      { id: 1, callFrame: frame('(root)'), children: [2, 3] },
      { id: 2, callFrame: frame('(idle)') },
      { id: 3, callFrame: frame('append', 'file:///x/shared/dist/runtime/ledger.js'), children: [4] },
      { id: 4, callFrame: frame('query', 'file:///x/node_modules/pg/lib/client.js'), children: [5] },
      { id: 5, callFrame: frame('writev') },
    ],
    samples: [2, 3, 4, 5],
    timeDeltas: [600, 100, 100, 200],
  };

  it('leaves idle time out', () => {
    expect(profileShares(profile).busy).toBeCloseTo(0.4);
  });

  it('gives self time to the module it was spent in', () => {
    expect(profileShares(profile).modules).toEqual([
      { name: '(native)', share: 0.5 },
      { name: 'shared/runtime', share: 0.25 },
      { name: 'pg', share: 0.25 },
    ]);
  });

  it("gives a package's and the machine's time to whoever of ours called", () => {
    expect(profileShares(profile).owners).toEqual([{ name: 'shared/runtime', share: 1 }]);
    expect(profileShares(profile).ownerFunctions).toEqual([{ name: 'append ledger.js:10 [shared/runtime]', share: 1 }]);
  });

  it('counts a function once for a sample, however deep it calls itself', () => {
    const own = frame('fold', 'file:///x/shared/dist/domain/fold.js');
    const deep = {
      nodes: [
        { id: 1, callFrame: own, children: [2] },
        { id: 2, callFrame: own },
      ],
      samples: [2, 2],
      timeDeltas: [100, 100],
    };
    expect(profileShares(deep).totals).toEqual([{ name: 'fold fold.js:10 [shared/domain]', share: 1 }]);
  });
});

describe('callCounts', () => {
  it('counts our own named functions for one turn', () => {
    const functions = [
      { functionName: 'open', ranges: [{ count: 80 }, { count: 3 }] },
      { functionName: '', ranges: [{ count: 999 }] },
    ];
    const scripts = [
      { url: 'file:///x/shared/dist/trust/envelope.js', functions },
      { url: 'file:///x/node_modules/pg/lib/client.js', functions },
    ];
    expect(callCounts(scripts, 20)).toEqual([{ name: 'open envelope.js [shared/trust]', perTurn: 4 }]);
  });
});
