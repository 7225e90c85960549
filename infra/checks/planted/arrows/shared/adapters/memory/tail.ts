// caught: no-cycles
import type { head } from './chases-its-tail.ts';

export const tail: typeof head | undefined = undefined;
