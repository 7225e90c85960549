import { once } from 'node:events';
import { realpath } from 'node:fs/promises';
import { type AddressInfo, createServer } from 'node:net';
import { join } from 'node:path';
import { afterAll, expect, test } from '@jest/globals';
import { readEmbeddedConfig, silentLog } from '@turnledger/shared/runtime';
import { CLUSTER_NAME } from './postgres/place-cluster.ts';
import { findPostmaster } from './postgres/postmaster.ts';
import { removeTestFolder, testFolderPath } from './postgres/testing/test-folder.ts';
import { startEmbedded } from './start-embedded.ts';

const dataDir = testFolderPath();
const other = createServer();

afterAll(async () => {
  other.close();
  await removeTestFolder(dataDir);
});

test('a port that is taken after it was looked at ends the start, and nothing is left running', async () => {
  const probe = createServer().listen(0, '127.0.0.1');
  await once(probe, 'listening');
  const { port } = probe.address() as AddressInfo;
  probe.close();
  await once(probe, 'close');
  const config = readEmbeddedConfig({ PORT: String(port), TURNLEDGER_DATA_DIR: dataDir });
  const starting = startEmbedded(config, silentLog, (ports) => {
    other.listen(port, '127.0.0.1');
    return ports;
  });
  await expect(starting).rejects.toMatchObject({ code: 'port_taken' });
  expect((await findPostmaster(await realpath(join(dataDir, CLUSTER_NAME)))).state).toBe('absent');
});
