import { limits } from '@turnledger/shared/contracts';

/** The preferences that decide how a turn is answered (RFC 7240). */
export interface Preferences {
  readonly respondAsync: boolean;
  /** Whole seconds the client would wait; absent: as long as it takes. */
  readonly waitSeconds?: number;
}

/** One element of the list: anything but commas, and quoted strings whole. */
const ELEMENT = /(?:"(?:[^"\\]|\\.)*"|[^",])+/g;
/** A preference's name and value; parameters after a semicolon change nothing that is known here. */
const PREFERENCE = /^\s*([\w!#$%&'*+.^`|~-]+)(?:\s*=\s*(?:"((?:[^"\\]|\\.)*)"|([\w!#$%&'*+.^`|~-]+)))?\s*(?:;|$)/;
const SECONDS = /^\d{1,9}$/;

/**
 * Reads a Prefer header. Never throws: what is not understood, malformed or over limits.http.maxPreferChars is ignored, and of a preference
 * that is there twice the first counts, as RFC 7240 (section 2) has it.
 */
export function readPreferences(header: string | undefined): Preferences {
  const found = new Map<string, string>();
  const elements = header === undefined || header.length > limits.http.maxPreferChars ? [] : header.match(ELEMENT);
  for (const element of elements ?? []) {
    const [, name, quoted, token] = PREFERENCE.exec(element) ?? [];
    const key = name?.toLowerCase();
    if (key !== undefined && !found.has(key)) found.set(key, quoted ?? token ?? '');
  }
  const wait = found.get('wait') ?? '';
  return { respondAsync: found.has('respond-async'), ...(SECONDS.test(wait) && { waitSeconds: Number(wait) }) };
}
