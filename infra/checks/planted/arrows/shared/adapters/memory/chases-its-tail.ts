// caught: no-cycles
import { tail } from './tail.ts';

export const head = () => tail;
