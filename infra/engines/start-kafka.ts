import { execFile } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { access, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { limits, TurnledgerError } from '@turnledger/shared/contracts';
import type { Engine, EngineOptions, SecuredListeners } from './engine.ts';
import { openEngineFolder } from './engine-folder.ts';
import { findProgram } from './find-program.ts';
import { freePorts } from './free-ports.ts';
import { bringKafkaJars } from './kafka-jars.ts';
import { spawnEngine } from './spawn-engine.ts';

const ADVICE = 'install Java 17 or newer (Debian: apt-get install default-jre-headless), or set KAFKA_BROKERS';

/** Small and quick to start: one compiler tier brings the broker up in 3 s of two cores instead of 5. */
const JVM = ['-Xms128m', '-Xmx384m', '-XX:+UseSerialGC', '-XX:TieredStopAtLevel=1', '-XX:+ExitOnOutOfMemoryError'];
const LOGGER = [
  '-Dorg.slf4j.simpleLogger.defaultLogLevel=error',
  '-Dorg.slf4j.simpleLogger.log.kafka.server.KafkaRaftServer=info',
];

/**
 * Starts a Kafka broker that is its own controller (KRaft) on loopback, on new or earlier files. It acknowledges before an fsync, as Kafka
 * does everywhere: a kill of the process loses nothing, a power loss may. Throws `engine_missing`, `engine_ended`.
 * The server outlives a kill of this process: `startEngine` puts a guard between.
 */
export async function startKafka({ folder: given, port: wanted, secured }: EngineOptions = {}): Promise<Engine> {
  const java = await findProgram(['java'], ADVICE);
  const jars = await bringKafkaJars();
  const [port = 0, controllerPort = 0] = wanted === undefined ? await freePorts(2) : [wanted, ...(await freePorts(1))];
  const folder = await openEngineFolder('kafka', given);
  const classPath = ['-cp', join(jars, '*')];
  const properties = join(folder.path, 'server.properties');
  const data = join(folder.path, 'log');
  try {
    await writeFile(properties, serverProperties(port, controllerPort, data, secured));
    if (!(await isFormatted(data)))
      await format([...JVM, ...LOGGER, ...classPath], java, properties, secured?.scramUsers);
    const { pid, ended, stop } = await spawnEngine({
      name: 'kafka',
      path: java,
      parameters: [...JVM, ...LOGGER, ...classPath, 'kafka.Kafka', properties],
      folder: folder.path,
      readyLine: /Kafka Server started/,
    });
    const description = 'Apache Kafka, one KRaft node (infra/kafka/pom.xml)';
    return { name: 'kafka', url: `127.0.0.1:${port}`, pid, description, ended, stop: () => stop().then(folder.leave) };
  } catch (error) {
    await folder.leave();
    throw error;
  }
}

const isFormatted = (data: string): Promise<boolean> =>
  access(join(data, 'meta.properties')).then(
    () => true,
    () => false,
  );

async function format(
  options: readonly string[],
  java: string,
  properties: string,
  scramUsers: readonly string[] = [],
): Promise<void> {
  // Its first byte is zero: an id with a hyphen in front, 1 in 64, is an option to the tool, which then refuses.
  const cluster = randomBytes(16).fill(0, 0, 1).toString('base64url');
  try {
    await promisify(execFile)(
      java,
      [
        ...options,
        ...['kafka.tools.StorageTool', 'format', '-t', cluster, '-c', properties],
        ...scramUsers.flatMap((user) => ['--add-scram', user]),
      ],
      {
        timeout: limits.engines.startTimeoutMs,
      },
    );
  } catch (error) {
    const said = typeof error === 'object' && error !== null && 'stderr' in error ? String(error.stderr) : '';
    const reason = said.trim().split('\n').at(-1) ?? '';
    throw new TurnledgerError('engine_ended', {
      detail: `kafka: its storage could not be formatted: ${reason}`,
      cause: error,
    });
  }
}

function serverProperties(
  port: number,
  controllerPort: number,
  data: string,
  { ports = {}, properties = {} }: Partial<SecuredListeners> = {},
): string {
  const clients = Object.entries({ PLAINTEXT: port, ...ports })
    .map(([name, at]) => `${name}://127.0.0.1:${at}`)
    .join(',');
  const protocols = ['PLAINTEXT', ...Object.keys(ports)].map((name) => `${name}:${name}`).join(',');
  const settings = {
    'process.roles': 'broker,controller',
    'node.id': '1',
    'controller.quorum.voters': `1@127.0.0.1:${controllerPort}`,
    listeners: `${clients},CONTROLLER://127.0.0.1:${controllerPort}`,
    'advertised.listeners': clients,
    'controller.listener.names': 'CONTROLLER',
    'listener.security.protocol.map': `${protocols},CONTROLLER:PLAINTEXT`,
    'log.dirs': data.replaceAll('\\', '/'),
    // Topics are made at start, with the partitions that were configured; a misspelt one must not be.
    'auto.create.topics.enable': 'false',
    // One node: the internal topics cannot have three replicas, and fifty partitions of offsets are for larger clusters.
    'offsets.topic.replication.factor': '1',
    'offsets.topic.num.partitions': '5',
    'transaction.state.log.replication.factor': '1',
    'transaction.state.log.min.isr': '1',
    'transaction.state.log.num.partitions': '5',
    'share.coordinator.state.topic.replication.factor': '1',
    'share.coordinator.state.topic.min.isr': '1',
    // The first member of a group need not wait for others: 3 s less until a worker's first message.
    'group.initial.rebalance.delay.ms': '0',
    // A killed broker that comes back must wait until the controller has forgotten its old session: 3 s instead of 9.
    'broker.session.timeout.ms': '3000',
    'broker.heartbeat.interval.ms': '500',
    ...properties,
  };
  return `${Object.entries(settings)
    .map(([name, value]) => `${name}=${value}`)
    .join('\n')}\n`;
}
