import { readFileSync } from 'node:fs';
import { expect, test } from '@jest/globals';
import { describeCells, describeFailures } from './describe-cells.ts';
import { failureWaits } from './endpoint-cell.ts';
import { endpointCells } from './endpoint-cells.ts';
import { faultNames } from './twin-behaviour.ts';

const page = readFileSync(new URL('../../docs/model-endpoint.md', import.meta.url), 'utf8');
const [tables = ''] = page.split('\n## Bounds');
const rows = tables
  .split('\n')
  .filter((line) => line.startsWith('| ') && !/^\| -|^\| (the endpoint|failure) /.test(line));

test('infra/docs/model-endpoint.md tells every cell and every failure as the data do, and no other', () => {
  expect(rows).toEqual([...describeCells(endpointCells), ...describeFailures()]);
});

test('no two cells have one name', () => {
  const names = endpointCells.map(({ what }) => what);
  expect(names).toEqual([...new Set(names)]);
});

test('every fault that the twin can play is in a cell', () => {
  const played = endpointCells.map(({ behaviour }) =>
    behaviour === 'nobody_listens' ? undefined : behaviour.fault?.kind,
  );
  // Each cell is played as one JSON too, which is all that plain_json does.
  expect(faultNames.filter((name) => name !== 'plain_json' && !played.includes(name))).toEqual([]);
});

test('every failure that an endpoint can cause is the outcome of a cell', () => {
  const outcomes = new Set<string>(endpointCells.flatMap(({ streamed, whole }) => [streamed, whole]));
  expect(Object.keys(failureWaits).filter((code) => !outcomes.has(code))).toEqual([]);
});
