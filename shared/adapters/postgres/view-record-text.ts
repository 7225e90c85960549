// A lone surrogate, or a NUL: what JSON text may hold and jsonb may not.
const UNSTORABLE = /\0|[\uD800-\uDBFF](?![\uDC00-\uDFFF])|(?<![\uD800-\uDBFF])[\uDC00-\uDFFF]/g;

function storable(value: unknown): unknown {
  if (typeof value === 'string') return value.replace(UNSTORABLE, '\uFFFD');
  if (Array.isArray(value)) return value.map(storable);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([name, held]) => [storable(name), storable(held)]));
}

/**
 * A record's JSON text as jsonb takes it: U+FFFD stands for NUL and lone surrogates. Otherwise one such character in a scenario's note
 * would stop the projector at that event for good; the log keeps the true text. Records without a `\u` escape, nearly all, pass as they are.
 */
export const recordText = (record: string): string =>
  record.includes('\\u') ? JSON.stringify(storable(JSON.parse(record))) : record;
