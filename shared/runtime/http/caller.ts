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

/** The caller at a public address, where nobody was asked: a player whom no session has, since no outside id is empty. */
export const nobody: Caller = { subject: '', role: 'player' };

/** Finds out who calls. */
export interface Callers {
  /** The caller that an Authorization header stands for. Throws `token_missing`, `token_invalid`. */
  authenticate(authorization: string | undefined): Promise<Caller>;
}

/** The caller where the server runs without tokens, on loopback alone. */
export const localCaller: Caller = { subject: 'local', role: 'operator' };

/** Takes everybody for the local operator. A header is not even looked at: OpenAI's SDKs send one whether a server wants it or not. */
export const localCallers: Callers = { authenticate: async () => localCaller };

/** Names the caller when ids are derived from a key, so that two callers never share a session (rule 1). */
export const principalOf = ({ subject, role }: Caller): string =>
  role === localCaller.role && subject === localCaller.subject ? subject : `${role}:${subject}`;
