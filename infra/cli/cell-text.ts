/** What stands in a cell where there is nothing. */
export const NOTHING = '–';

/** A member of a document as a cell. */
export const cell = (member: string | number | null | undefined): string =>
  member === null || member === undefined ? NOTHING : String(member);

const MICRO = 1_000_000;

/** Millionths of a US dollar as dollars; `?` where no price is known, which is not the same as free. */
export const dollars = (microUsd: number | null): string => (microUsd === null ? '?' : (microUsd / MICRO).toFixed(6));

/** A share of 1 in hundredths; a dash where there was nothing to take it of. */
export const percent = (rate: number | null): string => (rate === null ? NOTHING : `${(rate * 100).toFixed(1)} %`);
