// caught: lint/style/useFilenamingConvention
export const answer = 42;
