import { describe, expect, test } from '@jest/globals';
import { readEdgeConfig } from './edge-config.ts';

const given = { COMMAND_API_URL: 'http://127.0.0.1:8081', QUERY_API_URL: 'http://127.0.0.1:8082' };

describe('the edge’s configuration', () => {
  test('is loopback at 8080 with nothing but the two APIs', () => {
    expect(readEdgeConfig(given)).toMatchObject({ host: '127.0.0.1', port: 8080, logLevel: 'warn' });
  });

  test('takes several of each API', () => {
    const { queryApis } = readEdgeConfig({ ...given, QUERY_API_URL: 'http://one:8082, http://two:8082' });
    expect(queryApis.map(({ href }) => href)).toEqual(['http://one:8082/', 'http://two:8082/']);
  });

  test.each([
    ['COMMAND_API_URL', undefined],
    ['COMMAND_API_URL', 'https://somewhere'],
    ['QUERY_API_URL', 'http://one:8082/path'],
    ['QUERY_API_URL', 'http://one:8082,'],
    ['PORT', '65536'],
    ['TURNLEDGER_HOST', 'example.org'],
    ['LOG_LEVEL', 'loud'],
  ])('is refused for %s=%s, and says which it is', (name, value) => {
    expect(() => readEdgeConfig({ ...given, [name]: value })).toThrow(new RegExp(`${name} must be`));
  });

  test('stays on loopback in front of an API that is there, since that may take everybody for its operator', () => {
    expect(() => readEdgeConfig({ ...given, TURNLEDGER_HOST: '0.0.0.0' })).toThrow(/beyond loopback/);
    const elsewhere = { COMMAND_API_URL: 'http://command-api:8081', QUERY_API_URL: 'http://query-api:8082' };
    expect(readEdgeConfig({ ...elsewhere, TURNLEDGER_HOST: '0.0.0.0' })).toMatchObject({ host: '0.0.0.0' });
  });
});
