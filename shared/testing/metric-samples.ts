/** The samples of a text in the format of Prometheus, by name and labels as they stand in it: `turnledger_turns_total{status="failed"}`. */
export const metricSamples = (text: string): { readonly [sample: string]: number } =>
  Object.fromEntries(
    text
      .split('\n')
      .filter((line) => line !== '' && !line.startsWith('#'))
      .map((line) => [line.slice(0, line.lastIndexOf(' ')), Number(line.slice(line.lastIndexOf(' ') + 1))]),
  );
