import { expect, test } from '@jest/globals';
import { rerunBody } from './rerun-bodies.ts';

test.each([
  ['2026-11-20T00:30:00+01:00', '2026-11-19T23:30:00.000Z'],
  ['9999-12-31T23:59:59-01:00', '9999-12-31T23:59:59.999Z'],
  ['0000-01-01T00:00:00+01:00', '0000-01-01T00:00:00.000Z'],
])('the time %s is asked for as %s, so that the order of such texts is that of time', (given, asked) => {
  expect(rerunBody.parse({ scenario_id: 'tavern', to: given }).to).toBe(asked);
});
