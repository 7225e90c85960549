// caught: ports-import-contracts-and-domain
import type { Shape } from '../adapters/memory/index.ts';

export type Known = Shape;
