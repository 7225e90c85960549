import { pointerSteps, valueAt } from './json-pointer.ts';
import type { Json } from './secret.ts';

/** The parts of a game state that JSON pointers (RFC 6901) name, each under its pointer; undefined when none is there. */
export function visibleState(
  state: Json | null,
  pointers: readonly string[],
): { readonly [pointer: string]: Json } | undefined {
  const found = pointers.flatMap((pointer) => {
    const value = valueAt(state, pointerSteps(pointer));
    return value === undefined ? [] : [[pointer, value] as const];
  });
  return found.length > 0 ? Object.fromEntries(found) : undefined;
}
