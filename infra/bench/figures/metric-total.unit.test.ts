import { describe, expect, it } from '@jest/globals';
import { metricTotal } from './metric-total.ts';

const text = `# HELP waits_seconds_sum not a sample
# TYPE waits_seconds histogram
waits_seconds_sum 1.5
waits_seconds_sum_of_others 40
calls_total{model="a b",why="}"} 3
calls_total{model="c"} 4 1767225600000
`;

describe('metricTotal', () => {
  it('reads a metric without labels, and no other whose name begins like it', () => {
    expect(metricTotal(text, 'waits_seconds_sum')).toBe(1.5);
  });

  it('adds up all labels, timestamps aside', () => {
    expect(metricTotal(text, 'calls_total')).toBe(7);
  });

  it('takes the samples with one label', () => {
    expect(metricTotal(text, 'calls_total', 'model="c"')).toBe(4);
  });

  it('has no number for a metric that is not there', () => {
    expect(metricTotal(text, 'calls')).toBeNaN();
  });
});
