import { expect, test } from '@jest/globals';
import { lastMeaningfulLine } from './server-log.ts';

test('the newest fatal line wins over later hints, without its time and process id', () => {
  const log = `2026-01-01 00:00:00.000 UTC [12] LOG:  starting PostgreSQL 18.4
2026-01-01 00:00:00.010 UTC [12] FATAL:  could not open file "x"
2026-01-01 00:00:00.020 UTC [12] HINT:  look elsewhere
`;
  expect(lastMeaningfulLine(log)).toBe('FATAL:  could not open file "x"');
});

test('an initdb error is found without a time before it', () => {
  expect(lastMeaningfulLine('initdb: error: could not access directory "y"\ninitdb: hint: none\n')).toBe(
    'initdb: error: could not access directory "y"',
  );
});

test('a line stays within its bound, and silence is said', () => {
  expect(lastMeaningfulLine(`FATAL:  ${'x'.repeat(1_000)}`)).toHaveLength(500);
  expect(lastMeaningfulLine('\n \n')).toBe('PostgreSQL said nothing');
});
