// caught: lint/style/noRestrictedGlobals
export const soon = (work: () => void) => setTimeout(work, 1_000);
