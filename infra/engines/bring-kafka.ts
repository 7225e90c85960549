import { isTurnledgerError } from '@turnledger/shared/contracts';
import { bringKafkaJars } from './kafka-jars.ts';

/** Brings the broker's jars when they are absent, and says where they are: a step of its own, so that no test waits for a download. */
try {
  process.stdout.write(`Kafka is in ${await bringKafkaJars()}\n`);
} catch (error) {
  process.stderr.write(`${isTurnledgerError(error) ? error.message : String(error)}\n`);
  process.exitCode = 1;
}
