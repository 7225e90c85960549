import type { Json } from './secret.ts';

/** The parts of a game state that JSON pointers (RFC 6901) name, each under its pointer; undefined when none is there. */
export function visibleState(
  state: Json | null,
  pointers: readonly string[],
): { readonly [pointer: string]: Json } | undefined {
  const found = pointers.flatMap((pointer) => {
    const value = valueAt(state, pointer);
    return value === undefined ? [] : [[pointer, value] as const];
  });
  return found.length > 0 ? Object.fromEntries(found) : undefined;
}

/** RFC 6901: the value a JSON pointer names, or undefined. */
function valueAt(value: Json | null, pointer: string): Json | undefined {
  const steps = pointer
    .split('/')
    .slice(1)
    .map((step) => step.replaceAll('~1', '/').replaceAll('~0', '~'));
  let found: Json | undefined = value;
  for (const step of steps) {
    if (typeof found !== 'object' || found === null || !Object.hasOwn(found, step)) return undefined;
    // A list has items under their numbers, and a length that is not one of them.
    if (Array.isArray(found) && step === 'length') return undefined;
    found = (found as { readonly [name: string]: Json })[step];
  }
  return found;
}
