import { wrongUse } from './exit-codes.ts';

export const DEFAULT_URL = 'http://localhost:8080';

/** The flags of every command, as commander read them from the command line or the environment. */
export interface ConnectionFlags {
  readonly url?: string;
  readonly token?: string;
  readonly json?: boolean;
}

/** Where to ask, as whom, and for whom the answer is. */
export interface ConnectionAsked {
  readonly url: string;
  readonly token: string | undefined;
  readonly isJson: boolean;
}

const isAddress = (url: string): boolean => {
  if (!URL.canParse(url)) return false;
  const { protocol, username, password, search, hash } = new URL(url);
  return /^https?:$/.test(protocol) && username + password + search + hash === '';
};

/**
 * Judges the flags; an empty value counts as absent, as in the service's own environment. Throws `config_invalid` without showing what was
 * given: a token, or a password in a URL, is not for the terminal.
 */
export function readConnectionFlags({
  url: givenUrl,
  token: givenToken,
  json = false,
}: ConnectionFlags): ConnectionAsked {
  const url = givenUrl || DEFAULT_URL;
  const token = givenToken || undefined;
  if (!isAddress(url))
    throw wrongUse('--url (TURNLEDGER_URL) must be an http or https URL without credentials, query and fragment');
  // Anything else could not stand in a header, which `fetch` would report like a broken network.
  if (token !== undefined && !/^[\x21-\x7e]+$/.test(token))
    throw wrongUse('--token (TURNLEDGER_TOKEN) must be printable ASCII without blanks, as npm run token prints one');
  return { url: url.replace(/\/+$/, ''), token, isJson: json };
}
