import { memberOf } from './json-pointer.ts';
import type { Json } from './secret.ts';

/** The same value, in objects and lists of its own. */
export function copyOf(value: Json): Json {
  if (typeof value !== 'object' || value === null) return value;
  if (Array.isArray(value)) return value.map(copyOf);
  return Object.fromEntries(Object.entries(value).map(([name, item]) => [name, copyOf(item)]));
}

/** How many objects and lists stand inside one another. */
export const depthOf = (value: Json): number =>
  typeof value !== 'object' || value === null
    ? 0
    : 1 + Object.values(value).reduce<number>((deepest, item) => Math.max(deepest, depthOf(item)), 0);

/** Whether two values are one (RFC 6902, 4.6): numbers by value, lists in order, objects in any. */
export function isSame(one: Json, other: Json): boolean {
  if (typeof one !== 'object' || one === null || typeof other !== 'object' || other === null) return one === other;
  if (Array.isArray(one) !== Array.isArray(other)) return false;
  const names = Object.keys(one);
  if (names.length !== Object.keys(other).length) return false;
  return names.every((name) => {
    const [mine, theirs] = [memberOf(one, name), memberOf(other, name)];
    return mine !== undefined && theirs !== undefined && isSame(mine, theirs);
  });
}
