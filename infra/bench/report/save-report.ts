import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { benchFolder } from '../processes/program.ts';
import type { BenchReport } from './bench-report.ts';
import { type Conditions, conditionsLine } from './conditions.ts';
import { markdownTable } from './markdown-table.ts';

const HEADER = `# Results of the benchmarks

Written by \`npm run bench -- <name> --save\`, a section a benchmark; the figures behind each table are in the JSON file beside it. Quote the
ratios: an absolute figure is that machine's.
`;

/** A report as a person reads it. */
export const reportText = ({ notes, tables, faults }: BenchReport): string =>
  [...notes.map((note) => `* ${note}`), ...faults.map((fault) => `* **Does not count:** ${fault}`)].join('\n') +
  tables.map((table) => `\n\n${markdownTable(table)}`).join('');

/** The page with the section of one benchmark replaced, or added at its end; the others stay as they are. */
export function withSection(page: string, name: string, section: string): string {
  const [begin, end] = [`<!-- ${name} -->`, `<!-- end of ${name} -->`];
  const text = `${begin}\n## ${name}\n\n${section}\n${end}`;
  const [from, to] = [page.indexOf(begin), page.indexOf(end)];
  if (from < 0 || to < from) return `${page.trimEnd()}\n\n${text}\n`;
  return page.slice(0, from) + text + page.slice(to + end.length);
}

/** Writes `results/<name>.json` and the benchmark's section of `results/README.md`; answers the folder. */
export async function saveReport(
  name: string,
  report: BenchReport,
  about: { readonly conditions: Conditions; readonly options: object },
  folder = join(benchFolder, 'results'),
): Promise<string> {
  await mkdir(folder, { recursive: true });
  const { notes, faults, figures } = report;
  const json = { name, ...about, notes, faults, figures };
  await writeFile(join(folder, `${name}.json`), `${JSON.stringify(json, undefined, 2)}\n`);
  const path = join(folder, 'README.md');
  const page = await readFile(path, 'utf8').catch(() => HEADER);
  const section = `${conditionsLine(about.conditions)}\n\n${reportText(report)}`;
  await writeFile(path, withSection(page, name, section));
  return folder;
}
