import { describe, expect, it } from '@jest/globals';
import { figure, markdownTable } from './markdown-table.ts';
import { reportText, withSection } from './save-report.ts';

describe('markdownTable', () => {
  it('lines its columns up, the first to the left', () => {
    const table = {
      title: 'T',
      columns: ['', 'turns/s'],
      rows: [
        ['ours', '2340'],
        ['a longer name', '48'],
      ],
    };
    expect(markdownTable(table).split('\n')).toEqual([
      '**T**',
      '',
      '|               | turns/s |',
      '|---------------|--------:|',
      '| ours          |    2340 |',
      '| a longer name |      48 |',
    ]);
  });
});

describe('figure', () => {
  it.each([
    [2_340.4, '2340'],
    [48.23, '48.2'],
    [3.168, '3.17'],
    [3_096_000, '3.10M'],
    [Number.NaN, '–'],
  ])('writes %d as %s', (value, text) => {
    expect(figure(value)).toBe(text);
  });
});

describe('withSection', () => {
  it('adds a section at the end', () => {
    expect(withSection('# Results\n', 'turns', 'new')).toBe(
      '# Results\n\n<!-- turns -->\n## turns\n\nnew\n<!-- end of turns -->\n',
    );
  });

  it('replaces its own and leaves the others', () => {
    const page = withSection(
      withSection(withSection('# Results\n', 'turns', 'old'), 'flat', 'kept'),
      'log',
      'kept too',
    );
    const again = withSection(page, 'flat', 'new');
    expect(again).toBe(page.replace('kept\n', 'new\n'));
  });
});

describe('reportText', () => {
  it('says first why a run does not count', () => {
    const report = { notes: ['5 rounds'], tables: [], figures: {}, faults: ['viewRows is 19'] };
    expect(reportText(report)).toBe('* 5 rounds\n* **Does not count:** viewRows is 19');
  });
});
