import { catalogue, type ErrorCode } from './catalogue.ts';

/** One wrong field of a request: where it is (JSON pointer) and what is wrong with it. */
export interface FieldError {
  readonly pointer: string;
  readonly message: string;
}

export interface ErrorExtras {
  /** One sentence for this occurrence, safe to show to a client. */
  readonly detail?: string;
  readonly fields?: readonly FieldError[];
  /** Further members of the problem document. */
  readonly members?: { readonly [name: string]: unknown };
  readonly headers?: { readonly [name: string]: string };
  readonly cause?: unknown;
}

/** The one error class: a code of the catalogue and what is special about this occurrence. */
export class TurnledgerError extends Error {
  override readonly name = 'TurnledgerError';
  readonly code: ErrorCode;
  readonly extras: ErrorExtras;

  constructor(code: ErrorCode, extras: ErrorExtras = {}) {
    const { title } = catalogue[code];
    super(extras.detail === undefined ? title : `${title}: ${extras.detail}`, { cause: extras.cause });
    this.code = code;
    this.extras = extras;
  }
}

/** Tells ours from anything else, also across realms (jest), where `instanceof` may fail. */
export const isTurnledgerError = (error: unknown): error is TurnledgerError =>
  typeof error === 'object' && error !== null && 'name' in error && error.name === 'TurnledgerError' && 'code' in error;
