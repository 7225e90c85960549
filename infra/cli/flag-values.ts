import { limits } from '@turnledger/shared/contracts';
import { InvalidArgumentError } from 'commander';

const { commandLine, replay, rerun } = limits;

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

/** A number within bounds. Throws commander's InvalidArgumentError. */
export const numberFrom =
  (min: number, max: number) =>
  (text: string): number => {
    const number = /^\d{1,9}(\.\d{1,9})?$/.test(text) ? Number(text) : Number.NaN;
    if (number >= min && number <= max) return number;
    throw new InvalidArgumentError(`It must be from ${min} to ${max}.`);
  };

/** A whole number within bounds. Throws commander's InvalidArgumentError. */
export const wholeNumberFrom =
  (min: number, max: number) =>
  (text: string): number => {
    const number = /^\d{1,9}$/.test(text) ? Number(text) : Number.NaN;
    if (number >= min && number <= max) return number;
    throw new InvalidArgumentError(`It must be a whole number from ${min} to ${max}.`);
  };

/** The number of a scenario's version; the service knows which there are. Throws commander's InvalidArgumentError. */
export function versionNumber(text: string): number {
  if (/^[1-9]\d{0,8}$/.test(text)) return Number(text);
  throw new InvalidArgumentError('It must be the number of a version.');
}

const MICRO = 1_000_000;
const maxDollars = rerun.maxSpendCapMicroUsd / MICRO;

/** US dollars, as millionths of one. Throws commander's InvalidArgumentError. */
export function microUsd(text: string): number {
  const found = /^\d{1,7}(\.\d{1,6})?$/.test(text) ? Math.round(Number(text) * MICRO) : Number.NaN;
  if (found <= rerun.maxSpendCapMicroUsd) return found;
  throw new InvalidArgumentError(`It must be dollars from 0 to ${maxDollars}, as 2.50.`);
}

/**
 * A model by its name and its endpoint, as `gpt-4o@fast`; without one of the two its default is meant. An `@` in a name is the name's own, if
 * another one stands behind it. Throws commander's InvalidArgumentError.
 */
export function modelPlace(text: string): { readonly name?: string; readonly endpoint?: string } {
  const [, name = text, endpoint] = /^(.*)@([a-z][a-z0-9_]*)$/.exec(text) ?? [];
  if (text === '' || (endpoint === undefined && name.includes('@')))
    throw new InvalidArgumentError('It must be a name, a name@endpoint or an @endpoint.');
  return { ...(name !== '' && { name }), ...(endpoint !== undefined && { endpoint }) };
}
