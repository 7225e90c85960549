import type { Json } from './secret.ts';

/** A JSON pointer (RFC 6901): empty for the whole document, else names after `/`, in which `~1` is a slash and `~0` a tilde. */
export const jsonPointerPattern = /^(?:\/(?:[^~/]|~[01])*)*$/;

/** The names that a JSON pointer steps through. */
export const pointerSteps = (pointer: string): readonly string[] =>
  pointer
    .split('/')
    .slice(1)
    .map((step) => step.replaceAll('~1', '/').replaceAll('~0', '~'));

const itemNumber = /^(?:0|[1-9]\d*)$/;

/** What of its own a value has under a name, or undefined: a list has items under their numbers, and a length that is not one of them. */
export function memberOf(value: Json, name: string): Json | undefined {
  if (typeof value !== 'object' || value === null || !Object.hasOwn(value, name)) return undefined;
  if (Array.isArray(value) && !itemNumber.test(name)) return undefined;
  return (value as { readonly [name: string]: Json })[name];
}

/** The value that stands at the end of those steps, or undefined. */
export function valueAt(document: Json, steps: readonly string[]): Json | undefined {
  let found: Json | undefined = document;
  for (const step of steps) {
    if (found === undefined) return undefined;
    found = memberOf(found, step);
  }
  return found;
}
