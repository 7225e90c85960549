import { type FieldError, limits, TurnledgerError } from '../../contracts/index.ts';
import { jsonPointer } from './json-pointer.ts';

const textFault = (text: string): string | undefined => {
  if (text.includes('\0')) return 'holds a NUL character';
  if (!text.isWellFormed()) return 'holds half of a surrogate pair';
  return undefined;
};

function faultIn(value: unknown, path: readonly string[]): FieldError | undefined {
  const fault = (message: string) => ({ pointer: jsonPointer(path), message });
  if (typeof value === 'string') {
    const wrong = textFault(value);
    return wrong === undefined ? undefined : fault(wrong);
  }
  if (typeof value === 'number') {
    // As JSON it would be read back as null.
    if (!Number.isFinite(value)) return fault('is a number beyond 2^1024');
    return Number.isInteger(value) && !Number.isSafeInteger(value) ? fault('is an integer beyond 2^53') : undefined;
  }
  if (typeof value !== 'object' || value === null) return undefined;
  if (path.length >= limits.http.maxJsonDepth) return fault(`is nested deeper than ${limits.http.maxJsonDepth} levels`);
  for (const [name, item] of Object.entries(value)) {
    const wrong = name === '__proto__' ? 'is not an acceptable name' : textFault(name);
    const found =
      wrong === undefined ? faultIn(item, [...path, name]) : { pointer: jsonPointer([...path, '…']), message: wrong };
    if (found) return found;
  }
  return undefined;
}

/** Whether JSON can be stored, hashed and read back the same everywhere; see `checkJson`. */
export const isSoundJson = (value: unknown): boolean => faultIn(value, []) === undefined;

/**
 * Refuses JSON that could not be stored, hashed and read back the same everywhere: NUL, lone surrogates, integers beyond 2^53, numbers
 * beyond all that can be written again, nesting over limits.http.maxJsonDepth. Throws `request_invalid` with the place.
 */
export function checkJson(value: unknown): void {
  const fault = faultIn(value, []);
  if (fault)
    throw new TurnledgerError('request_invalid', { detail: `${fault.pointer} ${fault.message}`, fields: [fault] });
}
