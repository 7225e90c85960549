import canonicalizeModule from 'canonicalize';
import { TurnledgerError } from '../contracts/index.ts';

// The package is CommonJS with `module.exports = function`; its typings describe a default export inside a namespace.
const canonicalize = canonicalizeModule as unknown as (value: unknown) => string | undefined;

/** RFC 8785 canonical JSON: equal values give equal text, whatever the order of their keys. Throws `invariant_broken` for what is not JSON. */
export function canonicalJson(value: unknown): string {
  const text = serialized(value);
  if (text === undefined)
    throw new TurnledgerError('invariant_broken', { detail: 'a value without a JSON form was to be hashed' });
  return text;
}

/** The package throws a plain error for NaN and the infinities, and answers undefined for the rest that JSON has no form of. */
function serialized(value: unknown): string | undefined {
  try {
    return canonicalize(value);
  } catch {
    return undefined;
  }
}
