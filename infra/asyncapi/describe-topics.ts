import {
  limits,
  parkedMessageHeaders,
  topicNames,
  turnEndedMessage,
  turnMessageHeaders,
  turnRequestedMessage,
} from '@turnledger/shared/contracts';
import { z } from 'zod';

type JsonSchema = { readonly [keyword: string]: unknown };

/** Of the contract, not of the program: it rises when a topic or a member changes its meaning. */
const CONTRACT_VERSION = '1.0.0';
const BINDING_VERSION = '0.5.0';

const intro = [
  'What the processes of Turnledger say to each other over Kafka: that a turn wants a worker, and that one has ended.',
  'Every message is a hint and may come late, twice or for nothing; the event log is the truth. None holds a text of a player or of a model.',
  'A message is a CloudEvent 1.0 in structured JSON; its key is the session, so that the turns of one keep their order.',
].join('\n\n');

const schemas = { turnRequestedMessage, turnEndedMessage, turnMessageHeaders, parkedMessageHeaders };

/** Draft 7, which AsyncAPI reads without a schema format of its own; what is said of extensions there is true here. */
function schemaOf(schema: z.ZodType): JsonSchema {
  const { $schema: _dialect, ...rest } = z.toJSONSchema(schema, { target: 'draft-7', io: 'input' });
  return rest;
}

const pascal = (name: string): string => name.charAt(0).toUpperCase() + name.slice(1);
const schemaRef = (name: keyof typeof schemas) => ({ $ref: `#/components/schemas/${pascal(name)}` });
const messageRef = (name: string) => ({ $ref: `#/components/messages/${name}` });
const channelRef = (name: string) => ({ $ref: `#/channels/${name}` });

const key = { type: 'string', description: 'The id of the session.' };

function messageOf(title: string, payload: JsonSchema, headers: JsonSchema, contentType: string): JsonSchema {
  return { title, contentType, headers, payload, bindings: { kafka: { key, bindingVersion: BINDING_VERSION } } };
}

function channelOf(topic: string, message: string, description: string, retentionMs: number): JsonSchema {
  return {
    address: topic,
    description,
    messages: { [message]: messageRef(message) },
    parameters: {
      prefix: { default: 'turnledger.', description: 'TURNLEDGER_TOPIC_PREFIX, the same in all processes.' },
    },
    bindings: { kafka: { topicConfiguration: { 'retention.ms': retentionMs }, bindingVersion: BINDING_VERSION } },
  };
}

function operationOf(action: 'send' | 'receive', channel: string, message: string, summary: string): JsonSchema {
  return {
    action,
    channel: channelRef(channel),
    messages: [{ $ref: `#/channels/${channel}/messages/${message}` }],
    summary,
  };
}

/** The AsyncAPI 3.0 description of the topics, from the schemas that read and write them. Two calls give the same text. */
export function describeTopics(): JsonSchema {
  const { requested, ended, parked } = topicNames('{prefix}');
  const { retentionMs, parkedRetentionMs } = limits.kafka;
  const cloudEvent = 'application/cloudevents+json';
  const foreign = { description: 'As it came; of a long one the beginning.' };
  return {
    asyncapi: '3.0.0',
    info: { title: 'Turnledger', version: CONTRACT_VERSION, description: intro, license: { name: 'Apache-2.0' } },
    defaultContentType: cloudEvent,
    channels: {
      turnsRequested: channelOf(
        requested,
        'turnRequested',
        'Turns that want a worker: one consumer group, each turn goes to one of its members.',
        retentionMs,
      ),
      turnsEnded: channelOf(
        ended,
        'turnEnded',
        'Endings of turns: each worker reads all of them, in a group of its own, from the moment it starts.',
        retentionMs,
      ),
      turnsParked: channelOf(
        parked,
        'parked',
        'Messages that a worker could not read, or whose turn the log does not have, with the reason.',
        parkedRetentionMs,
      ),
    },
    operations: {
      relayTurn: operationOf(
        'send',
        'turnsRequested',
        'turnRequested',
        'The relay tells of a turn once it is in the log.',
      ),
      relayEnding: operationOf(
        'send',
        'turnsEnded',
        'turnEnded',
        'The relay tells of an ending once it is in the log.',
      ),
      takeTurn: operationOf('receive', 'turnsRequested', 'turnRequested', 'A worker takes a turn and runs it.'),
      hearEnding: operationOf(
        'receive',
        'turnsEnded',
        'turnEnded',
        'A worker aborts the call of a turn that has ended.',
      ),
      parkMessage: operationOf('send', 'turnsParked', 'parked', 'A worker puts aside what it cannot use.'),
    },
    components: {
      messages: {
        turnRequested: messageOf(
          'Turn requested',
          schemaRef('turnRequestedMessage'),
          schemaRef('turnMessageHeaders'),
          cloudEvent,
        ),
        turnEnded: messageOf('Turn ended', schemaRef('turnEndedMessage'), schemaRef('turnMessageHeaders'), cloudEvent),
        parked: messageOf('Parked message', foreign, schemaRef('parkedMessageHeaders'), 'application/octet-stream'),
      },
      schemas: Object.fromEntries(Object.entries(schemas).map(([name, schema]) => [pascal(name), schemaOf(schema)])),
    },
  };
}
