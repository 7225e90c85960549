import type { ModelFailureCode } from '../../ports/index.ts';

/**
 * What our own fetch rejects or errors a body with: a named failure that survives the passage through the SDK.
 *
 * It never leaves this adapter. Its text is fixed on purpose: the SDK searches messages for "timed out", and a system error's text holds addresses.
 */
export class WireFault extends Error {
  override readonly name = 'WireFault';
  readonly code: ModelFailureCode;

  constructor(code: ModelFailureCode) {
    super(`The connection to the model failed: ${code}`);
    this.code = code;
  }
}

/** Tells ours by name, since `instanceof` may fail across realms (jest). */
export const isWireFault = (error: unknown): error is WireFault =>
  typeof error === 'object' && error !== null && 'name' in error && error.name === 'WireFault' && 'code' in error;
