import { createLog, endBySignal, readEmbeddedConfig } from '@turnledger/shared/runtime';
import { startEmbedded } from '../embedded/start-embedded.ts';
import { failingPorts } from './failing-ports.ts';
import { ARMED_VARIABLE, parseArmed, passing } from './failpoints.ts';

/**
 * The embedded service as `npm start` runs it, with places to die in: the kill test's own entry point, so that the product's has none.
 * Prints its address as one line.
 */
const config = readEmbeddedConfig(process.env);
const pass = passing(parseArmed(process.env[ARMED_VARIABLE]));
const running = await startEmbedded(config, createLog(config.logLevel), (ports) => failingPorts(ports, pass));
process.stdout.write(`${running.url}\n`);
const isEnding = endBySignal(() => running.stop());
await running.lost;
if (!isEnding()) {
  process.stderr.write('the database has ended\n');
  process.exit(1);
}
