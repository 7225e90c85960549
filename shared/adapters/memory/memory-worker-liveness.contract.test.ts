import { describeWorkerLiveness } from '../../testing/worker-liveness-contract.ts';
import { openMemoryWorkerLiveness } from './memory-worker-liveness.ts';

describeWorkerLiveness('memory', openMemoryWorkerLiveness);
