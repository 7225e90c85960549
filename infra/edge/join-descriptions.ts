type Json = { readonly [member: string]: unknown };

const isJson = (value: unknown): value is Json => typeof value === 'object' && value !== null && !Array.isArray(value);

/** Tags have names; of two with one name the first stays. */
const joinLists = (first: readonly unknown[], second: readonly unknown[]): readonly unknown[] => {
  const names = new Set(first.map((one) => (isJson(one) ? one.name : one)));
  return [...first, ...second.filter((one) => !names.has(isJson(one) ? one.name : one))];
};

/**
 * Joins two descriptions (OpenAPI) of one contract as one: every address with every method, every schema. Where both say something of the
 * same thing they say the same, since both are made of the same sources; the first is kept.
 */
export function joinDescriptions(first: Json, second: Json): Json {
  const joined: { [member: string]: unknown } = { ...first };
  for (const [member, other] of Object.entries(second)) {
    const own = first[member];
    if (own === undefined) joined[member] = other;
    else if (member === 'tags' && Array.isArray(own) && Array.isArray(other)) joined[member] = joinLists(own, other);
    else if (isJson(own) && isJson(other)) joined[member] = joinDescriptions(own, other);
  }
  return joined;
}
