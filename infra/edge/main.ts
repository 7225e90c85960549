import { systemClock, systemIds } from '@turnledger/shared/adapters/system';
import { isTurnledgerError, limits } from '@turnledger/shared/contracts';
import { createLog, endBySignal, serve, urlHostOf } from '@turnledger/shared/runtime';
import { createEdge } from './create-edge.ts';
import { readEdgeConfig } from './edge-config.ts';

/** `npm run start:edge`: both APIs at one port. The first signal drains, the second ends at once. */
try {
  const config = readEdgeConfig(process.env);
  const edge = createEdge(config, { clock: systemClock, ids: systemIds, log: createLog(config.logLevel) });
  const http = await serve(edge.listener, config);
  endBySignal(async () => {
    await http.drain(AbortSignal.timeout(limits.process.drainMs));
    edge.close();
  });
  process.stdout.write(`Turnledger edge  http://${urlHostOf(config.host)}:${http.port}\n`);
} catch (error) {
  process.stderr.write(`turnledger: ${isTurnledgerError(error) ? error.message : String(error)}\n`);
  process.exitCode = 1;
}
