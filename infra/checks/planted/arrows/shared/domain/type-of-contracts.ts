// caught: domain-imports-nothing
import type { Shape } from '../contracts/index.ts';

export const shape: Shape = '';
