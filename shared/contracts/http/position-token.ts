import { limits } from '../limits.ts';

/** Where a write stands: what a client hands back as `min_position` to read its own write. Opaque to clients. */
export interface StreamPosition {
  readonly stream: string;
  readonly revision: number;
}

export const positionToken = ({ stream, revision }: StreamPosition): string =>
  Buffer.from(`${revision}@${stream}`).toString('base64url');

/** The position in a token, or undefined for what is not a token of ours; no log gives a revision over limits.log.maxRevision. */
export function parsePositionToken(token: string): StreamPosition | undefined {
  const match = /^(\d{1,10})@((?:session|scenario|player|rerun)-[A-Za-z0-9._-]{1,100})$/.exec(
    Buffer.from(token, 'base64url').toString('utf8'),
  );
  const [, revision, stream] = match ?? [];
  if (!revision || !stream || Number(revision) > limits.log.maxRevision) return undefined;
  return { stream, revision: Number(revision) };
}
