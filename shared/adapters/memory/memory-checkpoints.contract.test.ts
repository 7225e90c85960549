import { describeCheckpoints } from '../../testing/checkpoints-contract.ts';
import { openMemoryCheckpoints } from './memory-checkpoints.ts';

describeCheckpoints('memory', openMemoryCheckpoints);
