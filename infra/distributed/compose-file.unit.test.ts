import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from '@jest/globals';
import { configVariables, type ProcessName, readDistributedConfig } from '@turnledger/shared/runtime';
import { parse } from 'yaml';
import { edgeVariables, readEdgeConfig } from '../edge/edge-config.ts';
import { readCompose } from './read-compose.ts';
import { repository } from './service-process.ts';

interface Service {
  readonly image: string;
  readonly build?: { readonly dockerfile: string };
  readonly command?: readonly string[];
  readonly init?: boolean;
  readonly environment?: { readonly [name: string]: string };
  readonly healthcheck?: { readonly test: readonly string[] };
  readonly depends_on?: { readonly [service: string]: { readonly condition: string } };
  readonly deploy?: { readonly resources: { readonly limits: { readonly memory?: string } } };
  readonly networks?: readonly string[];
  readonly volumes?: readonly string[];
  readonly profiles?: readonly string[];
}

const read = (path: string): string => readFileSync(join(repository, path), 'utf8');
const text = read('docker-compose.yml');
const file: {
  readonly services: { readonly [name: string]: Service };
  readonly networks: { readonly [name: string]: { readonly internal?: boolean } | null };
  readonly volumes: object;
} = parse(text, { merge: true });
const all = Object.entries(file.services);
const ours = all.filter(([, { build }]) => build !== undefined);
const secrets = { POSTGRES_PASSWORD: 'p', TURNLEDGER_MASTER_KEY: 'k', TURNLEDGER_JWT_SECRET: 's' };

describe('docker-compose.yml', () => {
  test('has the four services, the edge and the four engines', () => {
    expect(ours.map(([name]) => name)).toEqual(['edge', 'command-api', 'query-api', 'projectors', 'inference-worker']);
    const engines = all.filter(([, { build, profiles }]) => build === undefined && profiles === undefined);
    expect(engines.map(([name]) => name)).toEqual(['event-store', 'kafka', 'postgres', 'valkey']);
  });

  test('has three event-store nodes in the profile of clusters, each seeking the other two', () => {
    const nodes = all.filter(([, { profiles }]) => profiles?.includes('cluster'));
    expect(nodes.map(([name]) => name)).toEqual(['event-store-1', 'event-store-2', 'event-store-3']);
    for (const [name, { environment }] of nodes) {
      const others = nodes.map(([other]) => `${other}:2113`).filter((other) => other !== `${name}:2113`);
      expect(environment).toMatchObject({
        EVENTSTORE_CLUSTER_SIZE: '3',
        EVENTSTORE_NODE_HOST_ADVERTISE_AS: name,
        EVENTSTORE_GOSSIP_SEED: others.join(','),
      });
    }
  });

  test.each(all)('%s has a health check, a bound on its memory and a network', (_name, service) => {
    expect(service.healthcheck?.test.length).toBeGreaterThan(1);
    expect(service.deploy?.resources.limits.memory).toMatch(/^\d+[MG]$/);
    expect(service.networks?.filter((network) => !(network in file.networks))).toEqual([]);
  });

  test('lets nothing but the worker and the edge meet another network than the closed one', () => {
    expect(file.networks.back).toEqual({ internal: true });
    const others = all.filter(([, { networks }]) => networks?.some((network) => network !== 'back'));
    expect(others.map(([name]) => name)).toEqual(['edge', 'inference-worker']);
  });

  test('keeps what lasts in named volumes', () => {
    const mounted = all.flatMap(([, { volumes = [] }]) => volumes.map((volume) => volume.split(':')[0]));
    expect(mounted.toSorted()).toEqual(Object.keys(file.volumes).toSorted());
  });

  test('waits for healthy services alone, and for ones that it has', () => {
    const waits = all.flatMap(([, { depends_on: waited = {} }]) => Object.entries(waited));
    expect(
      waits.filter(([name, { condition }]) => !(name in file.services) || condition !== 'service_healthy'),
    ).toEqual([]);
  });

  test.each(ours)('%s runs the program of its npm script, behind an init', (name, { command, init }) => {
    const { scripts } = JSON.parse(read('package.json'));
    expect(command?.join(' ')).toBe(scripts[`start:${name}`]);
    expect(init).toBe(true);
    const built = command?.find((word) => word.endsWith('.js')) ?? '';
    expect(existsSync(join(repository, built.replace('/dist/', '/').replace('.js', '.ts')))).toBe(true);
  });

  test('bounds the heap of all of ours alike, here and in the image', () => {
    const { scripts } = JSON.parse(read('package.json'));
    const flags = ours.map(([, { command }]) => command?.filter((word) => word.startsWith('-')));
    expect(flags).toEqual(ours.map(() => ['--heap-growing-percent=30', '--max-semi-space-size=8']));
    const [, byDefault = '[]'] = /^CMD (.+)$/m.exec(read('infra/images/Dockerfile')) ?? [];
    expect(JSON.parse(byDefault).join(' ')).toBe(scripts['start:command-api']);
  });

  test.each(ours)('%s is given only variables that it reads', (name, { environment = {} }) => {
    const known = name === 'edge' ? edgeVariables : configVariables;
    expect(Object.keys(environment).filter((variable) => !known.includes(variable))).toEqual([]);
  });

  test('gives each of the four what its configuration asks for, as it reads it', async () => {
    const given = {
      ...secrets,
      TURNLEDGER_MASTER_KEY: Buffer.alloc(32).toString('base64'),
      TURNLEDGER_JWT_SECRET: 's'.repeat(32),
    };
    const composed = await readCompose(join(repository, 'docker-compose.yml'), given);
    for (const { name, environment } of composed) {
      if (name === 'edge') expect(readEdgeConfig(environment)).toMatchObject({ port: 8080 });
      else
        expect(readDistributedConfig(environment, name as ProcessName)).toMatchObject({
          streamPrefix: expect.any(String),
        });
    }
  });

  test('gives keys of models to the worker alone', () => {
    expect(ours.filter(([, { environment = {} }]) => 'OPENAI_API_KEY' in environment).map(([name]) => name)).toEqual([
      'inference-worker',
    ]);
  });

  test('holds no secret itself, and names each one that is missing', async () => {
    await expect(readCompose(join(repository, 'docker-compose.yml'), {})).rejects.toThrow(
      /POSTGRES_PASSWORD is not set/,
    );
    for (const missing of Object.keys(secrets)) {
      const given = { ...secrets, [missing]: '' };
      await expect(readCompose(join(repository, 'docker-compose.yml'), given)).rejects.toThrow(
        new RegExp(`${missing} is not set: set it in .env`),
      );
    }
  });

  test('asks in example.env for what it requires', () => {
    const required = new Set([...text.matchAll(/\$\{(\w+):\?/g)].map(([, name]) => name));
    const asked = [...read('infra/images/example.env').matchAll(/^(\w+)=$/gm)].map(([, name]) => name);
    expect(asked.toSorted()).toEqual([...required].toSorted());
  });

  test('runs the Kafka that tests run', () => {
    const version = /<kafka.version>(.+)<\/kafka.version>/.exec(read('infra/kafka/pom.xml'))?.[1];
    expect(file.services.kafka?.image).toBe(`apache/kafka:${version}`);
  });

  test('takes engines under licences of free software, and says where that is argued', () => {
    const images = all.filter(([, { build }]) => build === undefined).map(([, { image }]) => image);
    // Redis from 7.4 and EventStoreDB from 24.10 are under other licences.
    expect([...new Set(images)].toSorted()).toEqual([
      'apache/kafka:3.9.1',
      'eventstore/eventstore:24.6.0-jammy',
      'postgres:18-bookworm',
      'valkey/valkey:7.2',
    ]);
    const [page = ''] = /infra\/docs\/decisions\/0010[\w-]+\.md/.exec(text) ?? [];
    expect(existsSync(join(repository, page))).toBe(true);
  });
});

describe('the image', () => {
  const dockerfile = read('infra/images/Dockerfile');

  test('has the manifest of every workspace, so that npm ci sees the whole lock', () => {
    const { workspaces } = JSON.parse(read('package.json'));
    for (const workspace of workspaces) expect(dockerfile).toContain(`COPY ${workspace}/package.json ${workspace}/`);
  });

  test('is built from what the build may see', () => {
    const ignored = read('.dockerignore').split('\n');
    const copied = [...dockerfile.matchAll(/^COPY (?!--from)(.+) \S+$/gm)].flatMap(([, sources = '']) =>
      sources.split(' '),
    );
    const tops = copied.filter((source) => source !== '.').map((source) => source.split('/')[0]);
    expect(tops.filter((top) => !ignored.includes(`!${top}`))).toEqual([]);
  });

  test('runs as an ordinary user, without packages for development, and asks after itself', () => {
    const final = dockerfile.split(/^FROM /m).at(-1) ?? '';
    expect(final).toMatch(/^USER node$/m);
    expect(final).toMatch(/^HEALTHCHECK .*check-health\.js/m);
    expect(dockerfile).toContain('npm ci --omit=dev');
    expect(final).not.toContain('--from=build /app/node_modules');
  });
});
