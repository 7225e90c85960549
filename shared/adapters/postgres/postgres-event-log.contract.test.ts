import { afterAll, beforeAll } from '@jest/globals';
import { Client } from 'pg';
import { eventLogContract } from '../../testing/event-log-contract.ts';
import { type FreshDatabase, freshDatabase } from '../../testing/fresh-database.ts';
import { systemClock } from '../system/index.ts';
import { migratePostgres } from './migrate.ts';
import { PostgresEventLog } from './postgres-event-log.ts';

let database: FreshDatabase;
let admin: Client;

beforeAll(async () => {
  database = await freshDatabase();
  await migratePostgres(database);
  admin = new Client(database);
  await admin.connect();
});
afterAll(async () => {
  await admin.end();
  await database.drop();
});

eventLogContract('PostgreSQL', async () => {
  await admin.query('truncate turnledger.events; update turnledger.log_head set position = 0');
  const log = new PostgresEventLog({ connection: { connectionString: database.connectionString }, clock: systemClock });
  return { log, close: () => log.close() };
});
