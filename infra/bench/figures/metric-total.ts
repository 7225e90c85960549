/**
 * The sum over all labels of a metric in Prometheus's text format, or over the samples that have one label as it is written there,
 * `method="POST"`; NaN when the text has none.
 */
export function metricTotal(text: string, name: string, label = ''): number {
  const values = text.split('\n').flatMap((line) => {
    const isIt = line.startsWith(name) && (line[name.length] === ' ' || line[name.length] === '{');
    if (!isIt || !line.includes(label)) return [];
    // A value may be followed by a timestamp; a label's value may hold spaces.
    return [
      Number(
        line
          .slice(line.lastIndexOf('}') + 1 || name.length)
          .trim()
          .split(' ')[0],
      ),
    ];
  });
  return values.length === 0 ? Number.NaN : values.reduce((sum, value) => sum + value, 0);
}
