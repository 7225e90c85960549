// caught: plugin, types alone of domain
import { isTerminal } from '../../domain/index.ts';

export const over = isTerminal;
