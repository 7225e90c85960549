import { afterAll, beforeAll, beforeEach, describe, expect, jest, test } from '@jest/globals';
import { Pool } from 'pg';
import { v7 } from 'uuid';
import { cutBlockedStatement } from '../../testing/cut-blocked-statement.ts';
import { type FreshDatabase, freshDatabase } from '../../testing/fresh-database.ts';
import { ManualClock } from '../../testing/manual-clock.ts';
import { systemIds } from '../system/index.ts';
import { migratePostgres } from './migrate.ts';
import { openPostgresKeyVault } from './postgres-key-vault.ts';

describe('the key vault in PostgreSQL', () => {
  const masterKey = systemIds.randomBytes(32);
  let database: FreshDatabase;
  let pool: Pool;
  let clock: ManualClock;

  const open = (key = masterKey) => openPostgresKeyVault({ pool, masterKey: key, ids: systemIds, clock });
  const destroy = (keyId: string) =>
    pool.query('update turnledger_vault.data_key set wrapped = null, destroyed_at = now() where key_id = $1', [keyId]);

  beforeAll(async () => {
    database = await freshDatabase();
    await migratePostgres(database);
    pool = new Pool({ connectionString: database.connectionString, max: 4 });
    // Idle connections that a test cuts; unheard, that would end the process.
    pool.on('error', () => undefined);
  });

  beforeEach(async () => {
    clock = new ManualClock();
    await pool.query('truncate turnledger_vault.data_key, turnledger_vault.player, turnledger_vault.master_key_check');
  });

  afterAll(async () => {
    await pool.end();
    await database.drop();
  });

  test('another master key is refused at open', async () => {
    await open();
    await expect(open(systemIds.randomBytes(32))).rejects.toMatchObject({ code: 'key_mismatch' });
  });

  test('another master key is refused also when both start at the same moment in an empty vault', async () => {
    const opened = await Promise.allSettled([open(), open(systemIds.randomBytes(32))]);
    expect(opened.map(({ status }) => status).sort()).toEqual(['fulfilled', 'rejected']);
  });

  test('a master key of another length is refused', async () => {
    await expect(open(systemIds.randomBytes(16))).rejects.toMatchObject({ code: 'config_invalid' });
  });

  test('no outside id, no key and no master key stands in the database in clear', async () => {
    const vault = await open();
    const { keyId } = await vault.identifyPlayer('steam:someone');
    const answer = await vault.dataKey(keyId);
    const key = answer.outcome === 'ok' ? answer.key : Buffer.alloc(0);
    const { rows } = await pool.query<{ all: string }>(
      `select (select string_agg(p::text, ' ') from turnledger_vault.player p)
           || (select string_agg(k::text, ' ') from turnledger_vault.data_key k)
           || (select string_agg(m::text, ' ') from turnledger_vault.master_key_check m) as all`,
    );
    const everything = rows[0]?.all ?? '';
    expect(everything).toContain(keyId);
    for (const secret of [key, masterKey]) {
      expect(everything).not.toContain(secret.toString('hex'));
      expect(everything).not.toContain(secret.toString('base64').slice(0, 40));
    }
    expect(everything).not.toContain('someone');
  });

  test('a wrapped key moved to another row does not open', async () => {
    const vault = await open();
    const [one, two] = await Promise.all([vault.identifyPlayer('a'), vault.identifyPlayer('b')]);
    await pool.query(
      'update turnledger_vault.data_key set wrapped = (select wrapped from turnledger_vault.data_key where key_id = $1) where key_id = $2',
      [one.keyId, two.keyId],
    );
    const other = await open();
    await expect(other.dataKey(two.keyId)).rejects.toMatchObject({ code: 'key_mismatch' });
    expect(await other.dataKey(one.keyId)).toMatchObject({ outcome: 'ok' });
  });

  test('an unwrapped key is kept for 5 s and not longer', async () => {
    const vault = await open();
    const { keyId } = await vault.identifyPlayer('a');
    await vault.dataKey(keyId);
    await destroy(keyId);
    await clock.advanceBy(4_999);
    expect(await vault.dataKey(keyId)).toMatchObject({ outcome: 'ok' });
    await clock.advanceBy(2);
    expect(await vault.dataKey(keyId)).toEqual({ outcome: 'erased', keyId });
  });

  test('use does not prolong the life of an unwrapped key', async () => {
    const vault = await open();
    const keyId = v7();
    await vault.ensureKey(keyId);
    for (let second = 0; second < 5; second += 1) {
      await clock.advanceBy(1_000);
      await vault.dataKey(keyId);
    }
    await destroy(keyId);
    await clock.advanceBy(1);
    expect(await vault.dataKey(keyId)).toEqual({ outcome: 'erased', keyId });
  });

  test('a known player costs no statement, one known to the store costs one', async () => {
    const first = await open();
    await first.identifyPlayer('a');
    const second = await open();
    const query = jest.spyOn(pool, 'query');
    await first.identifyPlayer('a');
    expect(query).toHaveBeenCalledTimes(0);
    await second.identifyPlayer('a');
    expect(query).toHaveBeenCalledTimes(1);
    query.mockRestore();
  });

  test('200 keys wanted at once are made by one statement and read by one', async () => {
    const vault = await open();
    const other = await open();
    const keyIds = Array.from({ length: 200 }, () => v7());
    const query = jest.spyOn(pool, 'query');
    await Promise.all(keyIds.map((keyId) => vault.ensureKey(keyId)));
    expect(query).toHaveBeenCalledTimes(1);
    await Promise.all(keyIds.flatMap((keyId) => [other.dataKey(keyId), other.dataKey(keyId)]));
    expect(query).toHaveBeenCalledTimes(2);
    query.mockRestore();
  });

  test('a lost race for a new player leaves no key of nobody', async () => {
    const vaults = await Promise.all([open(), open(), open(), open()]);
    await Promise.all(vaults.map((vault) => vault.identifyPlayer('a')));
    const { rows } = await pool.query<{ keys: string }>('select count(*) as keys from turnledger_vault.data_key');
    expect(rows[0]?.keys).toBe('1');
  });

  test('a lost connection is store_unavailable for its group, and the next call goes through', async () => {
    const vault = await open();
    const keyIds = [v7(), v7()];
    const blocker = await pool.connect();
    await blocker.query('begin; lock table turnledger_vault.data_key in exclusive mode');
    const failed = Promise.allSettled(keyIds.map((keyId) => vault.ensureKey(keyId)));
    await cutBlockedStatement(pool, 'insert into turnledger_vault.data_key');
    for (const result of await failed)
      expect(result).toMatchObject({ status: 'rejected', reason: { code: 'store_unavailable' } });
    await blocker.query('rollback');
    blocker.release();
    await Promise.all(keyIds.map((keyId) => vault.ensureKey(keyId)));
    expect(await vault.dataKey(keyIds[0] ?? '')).toMatchObject({ outcome: 'ok' });
  });
});
