import type { Engine, EngineName, EngineOptions } from './engine.ts';
import { startKafka } from './start-kafka.ts';
import { startPostgresEngine } from './start-postgres-engine.ts';
import { startRedis } from './start-redis.ts';

/** How each engine is started, in this process. */
export const engineStarters: { readonly [Name in EngineName]: (options: EngineOptions) => Promise<Engine> } = {
  redis: startRedis,
  kafka: startKafka,
  postgres: startPostgresEngine,
};

export const isEngineName = (name: string): name is EngineName => Object.hasOwn(engineStarters, name);
