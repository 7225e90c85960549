import type { Sealed } from '../../domain/index.ts';

/** A change to one field of an event's data, by path; the parts around it are copied, the rest is shared. */
function replaceAt(value: unknown, path: readonly string[], change: (found: unknown) => unknown): unknown {
  const [name, ...rest] = path;
  if (name === undefined) return change(value);
  if (typeof value !== 'object' || value === null || !(name in value)) return value;
  const holder = value as { readonly [key: string]: unknown };
  if (holder[name] === undefined) return value;
  return { ...holder, [name]: replaceAt(holder[name], rest, change) };
}

/** The value at a path into an event's data, or undefined. */
export function valueAt(data: unknown, path: readonly string[]): unknown {
  let value = data;
  for (const name of path) {
    if (typeof value !== 'object' || value === null) return undefined;
    value = (value as { readonly [key: string]: unknown })[name];
  }
  return value;
}

/** Replaces each field that stands at one of the paths; absent ones stay absent. */
export function replaceFields<T>(
  data: T,
  paths: readonly (readonly string[])[],
  change: (found: unknown, field: string) => unknown,
): unknown {
  return paths.reduce<unknown>(
    (changed, path) => replaceAt(changed, path, (found) => change(found, path.join('.'))),
    data,
  );
}

export const isSealed = (value: unknown): value is Sealed =>
  typeof value === 'object' && value !== null && 'ciphertext' in value && 'keyId' in value && 'iv' in value;

/** Every sealed value inside a record, at any depth. */
export function sealedValuesIn(value: unknown): readonly Sealed[] {
  if (isSealed(value)) return [value];
  if (typeof value !== 'object' || value === null) return [];
  return Object.values(value).flatMap(sealedValuesIn);
}

/** A copy in which every sealed value is replaced. */
export function mapSealed(value: unknown, open: (sealed: Sealed) => unknown): unknown {
  if (isSealed(value)) return open(value);
  if (Array.isArray(value)) return value.map((item) => mapSealed(item, open));
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([name, item]) => [name, mapSealed(item, open)]));
}
