import { limits } from '../../contracts/index.ts';

const NOT_PRINTABLE = /[\p{C}\p{Zl}\p{Zp}]/gu;

/** A text that a provider chose, cut to 128 printable characters; absent when nothing is left of it. */
export const providerText = (text: string | null | undefined): string | undefined => {
  if (text === null || text === undefined) return undefined;
  const printable = text.slice(0, limits.worker.maxProviderTextChars * 4).replace(NOT_PRINTABLE, '');
  const cut = [...printable].slice(0, limits.worker.maxProviderTextChars).join('');
  return cut === '' ? undefined : cut;
};
