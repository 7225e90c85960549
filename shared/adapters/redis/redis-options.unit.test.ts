import { describe, expect, test } from '@jest/globals';
import { redisOptions } from './redis-options.ts';

describe('redisOptions', () => {
  test.each([
    ['redis://localhost', { host: 'localhost', port: 6_379, db: 0 }],
    ['redis://[::1]:7000/3', { host: '::1', port: 7_000, db: 3 }],
    ['redis://:p%40ss@redis', { host: 'redis', password: 'p@ss' }],
    ['rediss://games:secret@redis', { host: 'redis', username: 'games', password: 'secret', tls: {} }],
  ])('reads %s', (url, expected) => {
    expect(redisOptions(url)).toMatchObject(expected);
  });

  test.each([
    ['localhost:6379', 'must begin with redis:// or rediss://'],
    ['/run/redis.sock', 'is not redis://[user:password@]host[:port][/database]'],
    ['redis://', 'names no host'],
    ['redis://localhost:99999', 'is not redis://[user:password@]host[:port][/database]'],
    ['redis://localhost/games', 'names a database that is no number'],
    ['redis://localhost?commandTimeout=0', 'takes no options after ? or #'],
    ['redis://:100%@localhost', 'has a user or password with a stray %'],
  ])('refuses %s', (url, detail) => {
    expect(() => redisOptions(url)).toThrow(`The configuration is wrong: REDIS_URL ${detail}`);
  });
});
