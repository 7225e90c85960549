import type { Pool } from 'pg';

/**
 * Waits until a statement of this database with that text in it waits for a lock, and ends its connection. Asks through the pool, never
 * within a transaction: PostgreSQL shows one transaction the same activity for as long as it lasts.
 */
export async function cutBlockedStatement(pool: Pool, text: string): Promise<void> {
  const cut = `
    select pg_terminate_backend(pid) from pg_stat_activity
    where datname = current_database() and wait_event_type = 'Lock' and position($1 in query) > 0 and pid <> pg_backend_pid()`;
  while ((await pool.query(cut, [text])).rowCount === 0);
}
