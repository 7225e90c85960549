// caught: plugin, a TurnledgerError
export function refuse(): never {
  throw new Error('no code, no status, no meaning for a client');
}
