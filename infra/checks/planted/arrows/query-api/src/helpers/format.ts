// caught: no-drawers
export const format = 42;
