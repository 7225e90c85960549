import { writeFileSync } from 'node:fs';
import { Session } from 'node:inspector';

/**
 * Loaded into the service in front of its own program (`--import`), and driven by SIGUSR2: the first starts V8's sampling profiler; the
 * second writes what it saw to BENCH_PROFILE_FILE and starts counting calls; the third adds the counts to `<file>.calls`. `--cpu-prof`
 * would write nothing, since the service ends by the signal that stopped it; and counting slows down what sampling should see.
 */
const session = new Session();
const file = process.env.BENCH_PROFILE_FILE ?? '';
const write = (path: string, content: unknown) => writeFileSync(path, JSON.stringify(content));
const steps = [
  () => {
    session.connect();
    session.post('Profiler.enable');
    session.post('Profiler.setSamplingInterval', { interval: 500 });
    session.post('Profiler.start');
  },
  () => {
    session.post('Profiler.stop', (_error, { profile }) => write(file, profile));
    session.post('Profiler.startPreciseCoverage', { callCount: true, detailed: false });
  },
  () => session.post('Profiler.takePreciseCoverage', (_error, { result }) => write(`${file}.calls`, result)),
];
process.on('SIGUSR2', () => steps.shift()?.());
