import { describe, expect, test } from '@jest/globals';
import { eventStoreConnection } from './connection-string.ts';
import { StreamPrefix } from './stream-prefix.ts';

describe('eventStoreConnection', () => {
  test.each([
    ['esdb://localhost:2113?tls=false', 'localhost:2113'],
    ['esdb://localhost:2113/?tls=false', 'localhost:2113'],
    ['esdb://a:2113,b:2114,c:2115?TLS=false&nodePreference=leader', 'a:2113,b:2114,c:2115'],
    ['esdb+discover://cluster.example:2113?tls=false', 'cluster.example:2113'],
  ])('takes %s', (url, address) => {
    const connection = eventStoreConnection(url);
    expect(connection.address).toBe(address);
    expect(connection.client()).toBeDefined();
  });

  test('gives the credentials decoded', () => {
    const { credentials } = eventStoreConnection('esdb://admin:ch%40ng%3Ait@localhost:2113');
    expect(credentials).toEqual({ username: 'admin', password: 'ch@ng:it' });
  });

  test('names some credentials for an insecure server, since they choose the call', () => {
    expect(eventStoreConnection('esdb://localhost:2113?tls=false').credentials.username).not.toBe('');
  });

  test.each([
    ['kurrentdb://localhost:2113?tls=false', 'begins with kurrentdb://, but this client understands esdb://'],
    ['kurrentdb+discover://localhost', 'begins with kurrentdb+discover://'],
    ['http://localhost:2113', 'begins with http://'],
    ['localhost:2113', 'is not a connection string'],
    ['', 'is not a connection string'],
    ['esdb://?tls=false', 'host expected at character 8'],
    ['esdb://localhost:port?tls=false', 'port number expected at character'],
    ['esdb://localhost:2113?tls=no', 'needs user:password@ for TLS'],
    ['esdb://u:p@localhost:2113?tls=no', 'true or false expected at character'],
    ['esdb://localhost:2113', 'needs user:password@ for TLS, or tls=false'],
    ['esdb://u:p%@localhost:2113', 'not percent-encoded'],
    ['esdb://localhost:2113?tls=false&tlsFalse=1', 'an option that the client does not know: tlsFalse'],
    ['esdb://u:p@localhost:2113?tlsVerifyCert=false', 'tlsCAFile'],
    ['esdb://u:p@localhost:2113?tlsCAFile=./no-such-file.pem', 'Failed to load certificate file'],
  ])('refuses %s in one line', (url, detail) => {
    const refusal = expect.objectContaining({ code: 'config_invalid', message: expect.stringContaining(detail) });
    expect(() => eventStoreConnection(url)).toThrow(refusal);
  });

  test.each([
    'kurrentdb://admin:secret@localhost',
    'esdb://admin:secret@localhost:port',
    'esdb://admin:secret@?tls=false',
    'esdb://admin:secret@localhost:2113?colour=blue',
    'esdb://admin:sec:secret@localhost:2113',
    'esdb://admin:secret@two@localhost:2113',
  ])('keeps the password to itself: %s', (url) => {
    let text = '';
    try {
      eventStoreConnection(url);
    } catch (error) {
      text = String(error);
    }
    expect(text).toContain('EVENTSTORE_URL');
    expect(text).not.toContain('secret');
  });
});

describe('StreamPrefix', () => {
  test('keeps the names of one word apart from those of another that begins with it', () => {
    const [game, gameTest] = [new StreamPrefix('game'), new StreamPrefix('game-test')];
    expect(game.isOn(gameTest.put('session-1'))).toBe(false);
    expect(game.takeOff(game.put('session-1'))).toBe('session-1');
  });

  test.each(['', '$system', 'a:b', 'a b', 'é', 'x'.repeat(65)])('refuses %p', (word) => {
    expect(() => new StreamPrefix(word)).toThrow(expect.objectContaining({ code: 'config_invalid' }));
  });
});
