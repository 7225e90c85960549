import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { v5, v7 } from 'uuid';
import type { KeyVault } from '../ports/index.ts';

/** A vault to test; each `open` gives one over the same empty store, as another process would have it. */
export interface KeyVaultHarness {
  open(): Promise<KeyVault>;
  /** What erasure will do: takes the key away for good. */
  destroyKey(keyId: string): Promise<void>;
  close(): Promise<void>;
}

/** What every KeyVault holds. */
export function describeKeyVault(name: string, makeHarness: () => Promise<KeyVaultHarness>): void {
  describe(`${name} as KeyVault`, () => {
    let harness: KeyVaultHarness;
    let vault: KeyVault;

    beforeEach(async () => {
      harness = await makeHarness();
      vault = await harness.open();
    });

    afterEach(() => harness.close());

    const keyOf = async (from: KeyVault, keyId: string) => {
      const answer = await from.dataKey(keyId);
      return answer.outcome === 'ok' ? answer.key.toString('hex') : answer.outcome;
    };

    test('a player seen first gets a random id and a 256-bit key', async () => {
      const identity = await vault.identifyPlayer('steam:1');
      expect(identity.playerId).toMatch(/^[0-9a-f-]{36}$/);
      expect(await keyOf(vault, identity.keyId)).toMatch(/^[0-9a-f]{64}$/);
    });

    test('the same outside id is the same player again', async () => {
      const first = await vault.identifyPlayer('steam:1');
      expect(await vault.identifyPlayer('steam:1')).toEqual(first);
    });

    test('two outside ids are two players with two keys', async () => {
      const [one, two] = await Promise.all([vault.identifyPlayer('steam:1'), vault.identifyPlayer('steam:2')]);
      expect(one.playerId).not.toBe(two.playerId);
      expect(await keyOf(vault, one.keyId)).not.toBe(await keyOf(vault, two.keyId));
    });

    test('outside ids are never parsed: case and punctuation count', async () => {
      const outsideIds = ['a', 'A', 'a.', '{a}', '"a"', 'a,b', 'a\\'];
      const players = await Promise.all(outsideIds.map((outsideId) => vault.identifyPlayer(outsideId)));
      expect(new Set(players.map(({ playerId }) => playerId)).size).toBe(outsideIds.length);
    });

    test('concurrent callers of one new player, in several processes, get the same one', async () => {
      const vaults = await Promise.all([harness.open(), harness.open(), harness.open()]);
      const seen = await Promise.all(
        vaults.flatMap((each) => Array.from({ length: 10 }, () => each.identifyPlayer('steam:1'))),
      );
      expect(new Set(seen.map(({ playerId, keyId }) => `${playerId} ${keyId}`)).size).toBe(1);
    });

    test('concurrent callers of overlapping sets of players agree on all of them', async () => {
      const outsideIds = Array.from({ length: 40 }, (_, n) => `steam:${n}`);
      const other = await harness.open();
      const [forwards, backwards] = await Promise.all([
        Promise.all(outsideIds.map((outsideId) => vault.identifyPlayer(outsideId))),
        Promise.all(outsideIds.toReversed().map((outsideId) => other.identifyPlayer(outsideId))),
      ]);
      expect(backwards.toReversed()).toEqual(forwards);
    });

    test('findPlayer finds whom another process made, and makes nobody', async () => {
      const other = await harness.open();
      expect(await vault.findPlayer('steam:1')).toBeUndefined();
      const identity = await other.identifyPlayer('steam:1');
      expect(await vault.findPlayer('steam:1')).toEqual(identity);
      expect(await vault.findPlayer('steam:2')).toBeUndefined();
    });

    test('what was answered is there for the next process', async () => {
      const identity = await vault.identifyPlayer('steam:1');
      const key = await keyOf(vault, identity.keyId);
      await vault.close();
      const next = await harness.open();
      expect(await next.identifyPlayer('steam:1')).toEqual(identity);
      expect(await keyOf(next, identity.keyId)).toBe(key);
    });

    test('ensureKey makes a key under the given id', async () => {
      const keyId = v7();
      await vault.ensureKey(keyId);
      expect(await keyOf(vault, keyId)).toMatch(/^[0-9a-f]{64}$/);
    });

    test('ensureKey keeps the key that is there, whoever made it', async () => {
      const keyId = v5('session', v5.URL);
      await vault.ensureKey(keyId);
      const key = await keyOf(vault, keyId);
      const other = await harness.open();
      await Promise.all([vault.ensureKey(keyId), other.ensureKey(keyId)]);
      expect(await keyOf(other, keyId)).toBe(key);
    });

    test('ensureKey by several at once makes one key', async () => {
      const keyId = v7();
      const vaults = await Promise.all([harness.open(), harness.open(), harness.open()]);
      await Promise.all(vaults.map((each) => each.ensureKey(keyId)));
      const keys = await Promise.all(vaults.map((each) => keyOf(each, keyId)));
      expect(new Set(keys).size).toBe(1);
    });

    test('200 keys made and read at once are 200 different keys', async () => {
      const keyIds = Array.from({ length: 200 }, () => v7());
      const keys = await Promise.all(
        keyIds.map(async (keyId) => {
          await vault.ensureKey(keyId);
          return keyOf(vault, keyId);
        }),
      );
      expect(new Set(keys).size).toBe(200);
      const other = await harness.open();
      expect(await Promise.all(keyIds.map((keyId) => keyOf(other, keyId)))).toEqual(keys);
    });

    test('a key id that was never made is unknown', async () => {
      await expect(vault.dataKey(v7())).rejects.toMatchObject({ code: 'key_unknown' });
    });

    test('what is no UUID is an unknown key, and fails nobody who asks beside it', async () => {
      const { keyId } = await vault.identifyPlayer('steam:1');
      const other = await harness.open();
      const [broken, whole] = await Promise.allSettled([other.dataKey("no uuid '"), other.dataKey(keyId)]);
      expect(broken).toMatchObject({ status: 'rejected', reason: { code: 'key_unknown' } });
      expect(whole).toMatchObject({ status: 'fulfilled', value: { outcome: 'ok' } });
    });

    test('no key is made under what is no UUID', async () => {
      await expect(vault.ensureKey('session-1')).rejects.toMatchObject({ code: 'invariant_broken' });
    });

    test('a destroyed key is erased', async () => {
      const { keyId } = await vault.identifyPlayer('steam:1');
      await harness.destroyKey(keyId);
      const other = await harness.open();
      expect(await other.dataKey(keyId)).toEqual({ outcome: 'erased', keyId });
    });

    test('ensureKey does not bring a destroyed key back', async () => {
      const keyId = v7();
      await vault.ensureKey(keyId);
      await harness.destroyKey(keyId);
      const other = await harness.open();
      await other.ensureKey(keyId);
      expect(await other.dataKey(keyId)).toEqual({ outcome: 'erased', keyId });
    });

    test('a closed vault gives no key', async () => {
      const { keyId } = await vault.identifyPlayer('steam:1');
      await vault.close();
      await expect(vault.dataKey(keyId)).rejects.toMatchObject({ code: 'store_unavailable' });
    });
  });
}
