/** What a guarded command expects of the thing it changes (If-Match): its version or revision, or `any` where it need only be there. */
export type Expected = number | 'any';

/** Whether a guard holds. `current`: version or revision of what is there, undefined while nothing is; no guard always holds. */
export const holds = (expected: Expected | undefined, current: number | undefined): boolean =>
  expected === undefined || (expected === 'any' ? current !== undefined : expected === current);
