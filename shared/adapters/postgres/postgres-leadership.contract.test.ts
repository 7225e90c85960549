import { afterAll, beforeAll } from '@jest/globals';
import { type FreshDatabase, freshDatabase } from '../../testing/fresh-database.ts';
import { describeLeadership } from '../../testing/leadership-contract.ts';
import { systemClock } from '../system/index.ts';
import { openPostgresLeadership } from './postgres-leadership.ts';

let database: FreshDatabase;

beforeAll(async () => {
  database = await freshDatabase();
});

afterAll(() => database.drop());

describeLeadership('PostgreSQL', systemClock, async () => ({
  open: async (options) =>
    openPostgresLeadership({ ...options, connection: { connectionString: database.connectionString } }),
  close: async () => undefined,
}));
