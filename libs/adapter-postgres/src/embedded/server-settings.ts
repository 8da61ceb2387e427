/** What the embedded server is started with: one process of ours beside it, a small machine, and no write ever lost. */
const settings: Readonly<Record<string, string>> = {
  // An acknowledged write survives a power cut; nothing below trades that away.
  fsync: 'on',
  synchronous_commit: 'on',
  full_page_writes: 'on',
  // The log is appended and read at its end: the operating system's cache does the rest.
  shared_buffers: '96MB',
  // Checkpoints by time, not by volume, in a burst of writes; recovery after a crash still reads 1 GB at most.
  max_wal_size: '1GB',
  // Recycled segments spare a commit the wait for a new file.
  min_wal_size: '256MB',
  // Pages are written whole after a checkpoint; compressed they cost a third of the disk traffic.
  wal_compression: 'pglz',
  wal_buffers: '16MB',
  checkpoint_timeout: '5min',
  checkpoint_completion_target: '0.9',
  // The log gathers its own groups; waiting here would only delay them.
  commit_delay: '0',
  // Our statements are short: neither compiling them nor spreading them over processes pays.
  jit: 'off',
  max_parallel_workers_per_gather: '0',
  // Reads hit the cache; helper processes for I/O would only take memory.
  io_method: 'sync',
  max_connections: '60',
  max_wal_senders: '0',
  wal_level: 'replica',
  // Only this machine, only by password.
  listen_addresses: '127.0.0.1',
  unix_socket_directories: '',
  password_encryption: 'scram-sha-256',
  log_min_messages: 'warning',
  log_checkpoints: 'off',
  lc_messages: 'C',
  // After the crash of one of its processes it ends, and is started again by us: where it tries that itself and the disk refuses, it waits for
  // ever for a recovery that nobody is at any more (seen with 18.4).
  restart_after_crash: 'off',
};

/** The server's arguments. `fingerprint` tells a server that was started with others (an older version of this file). */
export function serverArguments(port: number): string[] {
  const given = { ...settings, port: `${port}`, cluster_name: settingsFingerprint() };
  return Object.entries(given).flatMap(([name, value]) => ['-c', `${name}=${value}`]);
}

/** Stands in `cluster_name`, so that a server found running can be told from one started with other settings. */
export function settingsFingerprint(): string {
  let hash = 5381;
  for (const letter of JSON.stringify(settings)) hash = ((hash * 33) ^ letter.charCodeAt(0)) >>> 0;
  return `tributary-${hash.toString(16)}`;
}
