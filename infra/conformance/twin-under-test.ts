import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type EventStoreTwin, startEventStoreTwin } from '../twins/eventstore/index.ts';
import type { ServerUnderTest } from './server-under-test.ts';

/**
 * The twin in this process, on a data folder of its own. Its end cuts the connections as a dead server's system would; that the file
 * survives a real `kill -9` is shown in the twin's own tests.
 */
export const startTwinUnderTest = async (): Promise<ServerUnderTest & { close(): Promise<void> }> => {
  const dataFolder = await mkdtemp(join(tmpdir(), 'turnledger-conformance-'));
  let twin: EventStoreTwin = await startEventStoreTwin({ dataFolder });
  const { url, port } = twin;
  return {
    url,
    power: {
      stop: () => twin.close(),
      async start() {
        twin = await startEventStoreTwin({ dataFolder, port });
      },
    },
    async close() {
      await twin.close();
      await rm(dataFolder, { recursive: true, force: true });
    },
  };
};
