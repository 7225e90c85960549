// caught: no-drawers
export const anything = 42;
