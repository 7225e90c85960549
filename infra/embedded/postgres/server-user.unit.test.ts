import { expect, test } from '@jest/globals';
import { pickUser } from './server-user.ts';

const NOBODY = 'nobody:x:65534:65534:nobody:/nonexistent:/usr/sbin/nologin';
const POSTGRES = 'postgres:x:101:104::/var/lib/postgresql:/bin/bash';

test('postgres comes before nobody, wherever they stand', () => {
  expect(pickUser(`root:x:0:0:root:/root:/bin/bash\n${NOBODY}\n${POSTGRES}\n`)).toEqual({ uid: 101, gid: 104 });
});

test('nobody serves where there is no postgres, with the negative number of macOS too', () => {
  expect(pickUser(`${NOBODY}\n`)).toEqual({ uid: 65_534, gid: 65_534 });
  expect(pickUser('##\n# User Database\nnobody:*:-2:-2:Unprivileged User:/var/empty:/usr/bin/false\n')).toEqual({
    uid: -2,
    gid: -2,
  });
});

test('a postgres that is root by number is passed over', () => {
  expect(pickUser('postgres:x:0:0::/:/bin/sh\n')).toBeUndefined();
});
