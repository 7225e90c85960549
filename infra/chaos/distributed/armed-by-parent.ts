import { createInterface } from 'node:readline';
import { dieAt, type Pass } from '../failpoints.ts';
import { type Place, placeNamed } from './kill-points.ts';

/** What the parent writes to arm a place at its nth passing from now on (from 1). */
export const armLine = (place: Place, passing: number): string => `${place}:${passing}\n`;

/**
 * Places to die in that the parent arms while the process runs, by lines on its standard input: so a process that serves need not be started
 * anew for each kill. The newest line counts. When the input closes, which the system sees to however the parent ends, this process ends.
 */
export function armedByParent(): Pass<Place> {
  let armed: { readonly place: Place; left: number } | undefined;
  createInterface(process.stdin).on('line', (line) => {
    const [, name = '', passing] = /^([a-z_]+):(\d+)$/.exec(line) ?? [];
    const place = placeNamed(name);
    armed = place && { place, left: Number(passing) };
  });
  process.stdin.once('end', () => process.kill(process.pid, 'SIGTERM'));
  // A process that was asked to end must not wait for its parent.
  if ('unref' in process.stdin) process.stdin.unref();
  return (place, turnId) => {
    if (place !== armed?.place) return;
    armed.left -= 1;
    if (armed.left === 0) dieAt(place, turnId);
  };
}
