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

const FEW_NAMES = 8;

/** By UTF-16 code units, which is how JavaScript compares strings; in place. A prompt has 40 objects of two names, too small for `sort`. */
function sorted(names: string[]): readonly string[] {
  if (names.length > FEW_NAMES) return names.sort();
  for (let place = 1; place < names.length; place += 1) {
    const name = names[place] ?? '';
    let before = place - 1;
    for (; before >= 0 && (names[before] ?? '') > name; before -= 1) names[before + 1] = names[before] ?? '';
    names[before + 1] = name;
  }
  return names;
}

function objectText(value: { readonly [name: string]: unknown }): string | undefined {
  let text = '{';
  for (const name of sorted(Object.keys(value))) {
    if (value[name] === undefined) continue;
    const part = textOf(value[name]);
    if (part === undefined) return undefined;
    text += `${text === '{' ? '' : ','}${JSON.stringify(name)}:${part}`;
  }
  return `${text}}`;
}
