/** What RFC 6750 calls the ways in which a request for a protected thing can go wrong; none for one that brought no token. */
type BearerError = 'invalid_token' | 'insufficient_scope';

/** The WWW-Authenticate header of a refusal; RFC 6750 wants at least one parameter, so there is always a realm. */
export const challenge = (error?: BearerError): { readonly [name: string]: string } => ({
  'www-authenticate': `Bearer realm="turnledger"${error === undefined ? '' : `, error="${error}"`}`,
});
