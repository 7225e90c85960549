// caught: through-the-door
import { read } from '../domain/reads-a-file.ts';

export const taken = read;
