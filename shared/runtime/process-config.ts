import { type DistributedConfig, type ProcessName, readDistributedConfig } from './distributed-config.ts';

/** The configuration that this process was started with. Throws `config_invalid`. */
export const ownConfig = (name: ProcessName): DistributedConfig => readDistributedConfig(process.env, name);
