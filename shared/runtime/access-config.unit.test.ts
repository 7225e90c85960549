import { describe, expect, it } from '@jest/globals';
import { readAccess } from './access-config.ts';

const secret = 'a secret of a test, 32 bytes and more';
const loopback = ['localhost', '127.0.0.1', '[::1]'];

const withSecret = (host?: string, hosts?: string) =>
  readAccess({ TURNLEDGER_JWT_SECRET: secret, TURNLEDGER_HOST: host, TURNLEDGER_ALLOWED_HOSTS: hosts });

describe('without a secret', () => {
  it('only the loopback is served, under its names', () => {
    const access = { host: '127.0.0.1', allowedHosts: loopback, jwtSecret: undefined };
    expect(readAccess({})).toEqual({ access, mistakes: [] });
  });

  it.each(['127.0.0.1', '127.0.0.2', '::1'])('the loopback address %p may be chosen', (host) => {
    expect(readAccess({ TURNLEDGER_HOST: host }).mistakes).toEqual([]);
  });

  it.each(['0.0.0.0', '::', '10.0.0.5', '192.168.1.2', '128.0.0.1', 'fe80::1', '::ffff:127.0.0.1'])(
    '%p is refused',
    (host) => {
      const refused = 'TURNLEDGER_HOST needs TURNLEDGER_JWT_SECRET: without tokens only the loopback is served';
      expect(readAccess({ TURNLEDGER_HOST: host }).mistakes).toEqual([refused]);
    },
  );

  it('no other name is allowed: a proxy in front would serve an operator to everybody', () => {
    const { mistakes } = readAccess({ TURNLEDGER_ALLOWED_HOSTS: 'game.example' });
    expect(mistakes).toEqual([expect.stringMatching(/^TURNLEDGER_ALLOWED_HOSTS needs TURNLEDGER_JWT_SECRET/)]);
  });
});

describe('with a secret', () => {
  it('it still listens on the loopback until told otherwise', () => {
    const { access, mistakes } = withSecret();
    expect(mistakes).toEqual([]);
    expect(access).toEqual({ host: '127.0.0.1', allowedHosts: loopback, jwtSecret: Buffer.from(secret) });
  });

  it('names may be allowed, with blanks, capitals and empty places', () => {
    const { access, mistakes } = withSecret('0.0.0.0', ' Game.example ,localhost,, [2001:DB8::1],10.0.0.5');
    expect(mistakes).toEqual([]);
    expect(access.allowedHosts).toEqual([...loopback, 'game.example', '[2001:db8::1]', '10.0.0.5']);
  });

  it.each([
    ['10.0.0.5', '10.0.0.5'],
    ['2001:DB8::1', '[2001:db8::1]'],
  ])('the address %p that is bound may be called by', (host, name) => {
    expect(withSecret(host)).toMatchObject({ access: { host, allowedHosts: [...loopback, name] }, mistakes: [] });
  });

  it.each(['0.0.0.0', '::'])('every address (%p) wants names, or nobody could call', (host) => {
    expect(withSecret(host).mistakes).toEqual([expect.stringMatching(/^TURNLEDGER_HOST is every address, but/)]);
  });

  it.each(['game.example', 'localhost', '256.0.0.1', '10.0.0', 'http://10.0.0.5'])('%p is no address', (host) => {
    expect(withSecret(host).mistakes).toEqual(['TURNLEDGER_HOST must be an IP address of this machine']);
  });

  it.each([
    'game.example:8080',
    'https://game.example',
    '*',
    '*.example',
    'game.example/x',
    'a b',
    '[::1',
    'é.example',
  ])('%p is no host name', (hosts) => {
    const line = 'TURNLEDGER_ALLOWED_HOSTS must be host names without ports, apart by commas';
    expect(withSecret(undefined, hosts).mistakes).toEqual([line]);
  });

  it('too many names are refused', () => {
    const hosts = Array.from({ length: 33 }, (_, index) => `h${index}.example`).join();
    expect(withSecret(undefined, hosts).mistakes).toEqual(['TURNLEDGER_ALLOWED_HOSTS names more than 32 hosts']);
  });
});

describe('the secret', () => {
  it.each(['short', 'a'.repeat(31)])('is refused under 32 bytes, and not repeated: %p', (text) => {
    const { mistakes } = readAccess({ TURNLEDGER_JWT_SECRET: text });
    expect(mistakes).toEqual(['TURNLEDGER_JWT_SECRET must have at least 32 bytes']);
  });

  it('is counted in bytes, as UTF-8', () => {
    const { access, mistakes } = readAccess({ TURNLEDGER_JWT_SECRET: 'é'.repeat(16) });
    expect(mistakes).toEqual([]);
    expect(access.jwtSecret).toHaveLength(32);
  });
});
