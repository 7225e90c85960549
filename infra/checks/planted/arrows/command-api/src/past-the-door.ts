// caught: through-the-door
import { read } from '../../shared/domain/reads-a-file.ts';

export const taken = read;
