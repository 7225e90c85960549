import type { PostgresConnection } from './server-address.ts';

/**
 * The server's command line: durable as PostgreSQL is by default, small enough for a laptop. Given at each start, not written into
 * the cluster, so a new release of ours changes them without a migration.
 */
export function serverArguments(
  cluster: string,
  connection: PostgresConnection,
  other: { readonly [name: string]: string } = {},
): string[] {
  const onSocket = connection.host.startsWith('/');
  const settings: { readonly [name: string]: string } = {
    listen_addresses: onSocket ? '' : connection.host,
    // A list: a quoted member may hold commas and spaces.
    unix_socket_directories: onSocket ? `"${connection.host.replaceAll('"', '""')}"` : '',
    unix_socket_permissions: '0700',
    port: String(connection.port),
    max_connections: '60',
    fsync: 'on',
    synchronous_commit: 'on',
    full_page_writes: 'on',
    shared_buffers: '64MB',
    // Three reader processes are worth more on a disk array than on one machine with a warm cache.
    io_method: 'sync',
    jit: 'off',
    max_parallel_workers_per_gather: '0',
    // Nobody replicates from an embedded cluster.
    wal_level: 'minimal',
    max_wal_senders: '0',
    min_wal_size: '32MB',
    max_wal_size: '256MB',
    timezone: 'UTC',
    log_timezone: 'UTC',
    log_destination: 'stderr',
    logging_collector: 'off',
    log_line_prefix: '%m [%p] ',
    log_checkpoints: 'off',
    // A statement may carry what a player wrote.
    log_min_error_statement: 'panic',
    log_parameter_max_length_on_error: '0',
    log_error_verbosity: 'terse',
    ...other,
  };
  const options = Object.entries(settings).flatMap(([name, value]) => ['-c', `${name}=${value}`]);
  return ['-D', cluster, ...options];
}
