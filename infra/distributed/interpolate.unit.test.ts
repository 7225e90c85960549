// biome-ignore-all lint/suspicious/noTemplateCurlyInString: the variables are Compose's, in plain strings.
import { describe, expect, test } from '@jest/globals';
import { interpolate } from './interpolate.ts';

const env = { GIVEN: 'value', EMPTY: '' };

describe('variables in docker-compose.yml', () => {
  test.each([
    ['a text without any', 'a text without any'],
    ['${GIVEN}', 'value'],
    ['a ${GIVEN} and ${GIVEN}.', 'a value and value.'],
    ['${ABSENT}', ''],
    ['${ABSENT:-default}', 'default'],
    ['${EMPTY:-default}', 'default'],
    ['${EMPTY-default}', ''],
    ['${GIVEN:-default}', 'value'],
    ['${ABSENT:-http://host:1/${GIVEN}/x}', 'http://host:1/value/x'],
    ['${GIVEN:-${ABSENT:?never asked}}', 'value'],
    ['${GIVEN:?is there}', 'value'],
    ['$$HOME costs 5$$', '$HOME costs 5$'],
  ])('%s is %s', (text, expected) => {
    expect(interpolate(text, env)).toBe(expected);
  });

  test.each(['${ABSENT:?set it, please}', '${EMPTY:?set it, please}', '${OTHER:-${ABSENT:?set it, please}}'])(
    '%s is refused with its message',
    (text) => {
      expect(() => interpolate(text, env)).toThrow(/(ABSENT|EMPTY) is not set: set it, please/);
    },
  );

  test.each(['$GIVEN', '${GIVEN', '${}', '${GIVEN+x}', '${GIVEN/a/b}'])('%s is no form that we know', (text) => {
    expect(() => interpolate(text, env)).toThrow(/no such form/);
  });
});
