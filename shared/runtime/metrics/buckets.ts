/** Upper bounds, seconds: from an append of 1 ms to a turn at the longest deadline of 300 s. */
export const buckets = {
  store: [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 1, 5],
  overhead: [0.002, 0.005, 0.01, 0.02, 0.03, 0.05, 0.1, 0.25, 1, 5],
  firstToken: [0.05, 0.1, 0.2, 0.35, 0.5, 0.75, 1, 2, 5, 10, 30],
  turn: [0.1, 0.25, 0.5, 1, 2, 3, 5, 10, 20, 30, 60, 300],
  request: [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 300],
} as const;
