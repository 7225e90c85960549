import { limits } from '@turnledger/shared/contracts';
import { InvalidArgumentError } from 'commander';

const { commandLine, replay } = limits;

/** How many rows. Throws commander's InvalidArgumentError, which it tells with the flag's name. */
export function rowCount(text: string): number {
  if (/^[1-9]\d{0,5}$/.test(text) && Number(text) <= commandLine.maxListed) return Number(text);
  throw new InvalidArgumentError(`It must be from 1 to ${commandLine.maxListed}.`);
}

/** Times the recorded pace; 0 is at once. Throws commander's InvalidArgumentError. */
export function replaySpeed(text: string): number {
  const speed = /^\d{1,3}(\.\d+)?$/.test(text) ? Number(text) : Number.NaN;
  if (speed === 0 || (speed >= replay.minSpeed && speed <= replay.maxSpeed)) return speed;
  throw new InvalidArgumentError(`It must be 0, or from ${replay.minSpeed} to ${replay.maxSpeed}.`);
}

/** The id of an event. Throws commander's InvalidArgumentError. */
export function eventId(text: string): number {
  const id = /^\d{1,16}$/.test(text) ? Number(text) : Number.NaN;
  if (Number.isSafeInteger(id)) return id;
  throw new InvalidArgumentError('It must be the id of an event, as --json prints it.');
}
