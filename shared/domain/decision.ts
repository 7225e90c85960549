/**
 * What a decider answers. `accepted`: events to append, at least one. `unchanged`: the command's effect is already in the stream
 * (a repeated key, a lost race), append nothing. `refused`: a rule forbids it, append nothing; the reason is a code of the error catalogue.
 */
export type Decision<Event, Refusal extends string> =
  | { readonly outcome: 'accepted'; readonly events: readonly [Event, ...Event[]] }
  | { readonly outcome: 'unchanged' }
  | { readonly outcome: 'refused'; readonly reason: Refusal; readonly turnId?: string };

export const accepted = <const Events extends readonly [unknown, ...unknown[]]>(...events: Events) =>
  ({ outcome: 'accepted', events }) as const;
export const unchanged = { outcome: 'unchanged' } as const;
export const refused = <Refusal extends string>(reason: Refusal, turnId?: string) =>
  turnId === undefined ? ({ outcome: 'refused', reason } as const) : ({ outcome: 'refused', reason, turnId } as const);
