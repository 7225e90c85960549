/** What a token lets its bearer do: play, act for a game, or run the service. */
export const roles = ['player', 'game', 'operator'] as const;

export type Role = (typeof roles)[number];

/** Who calls. Without tokens everybody on this machine is its operator. */
export interface Caller {
  /** A player's token has the game's own id of the player here. */
  readonly subject: string;
  readonly role: Role;
  /** The one game that the token is good for; absent: any. */
  readonly gameId?: string;
}

/** The caller where the server runs without tokens, on loopback alone. */
export const localCaller: Caller = { subject: 'local', role: 'operator' };

/** Names the caller when ids are derived from a key, so that two callers never share a session (rule 1). */
export const principalOf = ({ subject, role }: Caller): string =>
  role === localCaller.role && subject === localCaller.subject ? subject : `${role}:${subject}`;
