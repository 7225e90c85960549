/**
 * Takes every PG* variable out of this process's environment. `pg` fills whatever a connection leaves out from them, at each connection: a
 * PGSSLMODE or PGOPTIONS that somebody keeps for a database of their own would keep us from ours, and a PGPASSWORD has no business here.
 * For the database that comes with us alone: an operator's DATABASE_URL may count on them.
 */
export function forgetPostgresVariables(env: NodeJS.ProcessEnv = process.env): void {
  for (const name of Object.keys(env)) if (/^PG[A-Z]/.test(name)) delete env[name];
}
