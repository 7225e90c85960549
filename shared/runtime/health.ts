/** One hop of the flow as an operator sees it. */
export interface Hop {
  readonly name: string;
  readonly isReady: boolean;
  /** ISO 8601; since when it has been in this state. */
  readonly since: string;
  /** It costs speed alone: stuck, it is named and the process stays ready. */
  readonly isHint?: true;
  /** What is known of it: positions, depths, counts. Nothing personal. */
  readonly facts?: { readonly [name: string]: string | number | boolean };
}
