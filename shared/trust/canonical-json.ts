import { TurnledgerError } from '../contracts/index.ts';

/**
 * RFC 8785 canonical JSON: equal values give equal text, whatever the order of their keys. Throws `invariant_broken` for what is not JSON.
 *
 * The RFC takes numbers and strings as ECMAScript writes them, so the order of keys is all that is left to do. The package `canonicalize`,
 * against which this is tested, took 5 % of a turn for a prompt of 40 messages; see decision 0008.
 */
export function canonicalJson(value: unknown): string {
  const text = textOf(value);
  if (text === undefined)
    throw new TurnledgerError('invariant_broken', { detail: 'a value without a JSON form was to be hashed' });
  return text;
}

/** Undefined for what has no form; a member without one makes the whole have none, but for an absent member of an object. */
function textOf(value: unknown): string | undefined {
  if (typeof value === 'string' || typeof value === 'boolean' || value === null) return JSON.stringify(value);
  if (typeof value === 'number') return Number.isFinite(value) ? JSON.stringify(value) : undefined;
  if (typeof value !== 'object') return undefined;
  return Array.isArray(value) ? listText(value) : objectText(value as { readonly [name: string]: unknown });
}

function listText(items: readonly unknown[]): string | undefined {
  let text = '[';
  for (const item of items) {
    const part = textOf(item);
    if (part === undefined) return undefined;
    text += text === '[' ? part : `,${part}`;
  }
  return `${text}]`;
}

/** By UTF-16 code units, which is the order of `sort` without a comparison. */
function objectText(value: { readonly [name: string]: unknown }): string | undefined {
  let text = '{';
  for (const name of Object.keys(value).sort()) {
    if (value[name] === undefined) continue;
    const part = textOf(value[name]);
    if (part === undefined) return undefined;
    text += `${text === '{' ? '' : ','}${JSON.stringify(name)}:${part}`;
  }
  return `${text}}`;
}
