import { json, type RouteReply, type RouteRequest } from '@turnledger/shared/runtime';

/** Whether an If-None-Match header names the tag (RFC 9110, 13.1.2: weak comparison, so `W/"3"` stands for `"3"`), bare or quoted. */
function names(header: string, etag: string): boolean {
  if (header.trim() === '*') return true;
  const tags = header.split(',').map((tag) => tag.trim().replace(/^W\//, ''));
  return tags.some((tag) => tag === etag || `"${tag}"` === etag);
}

/**
 * A document with its ETag, or 304 without one when the client has that very version already; then the document is not even made. `tag`
 * changes whenever the document does: a revision, or a version.
 */
export async function unlessKnown(
  { header }: Pick<RouteRequest<unknown, unknown>, 'header'>,
  tag: string | number,
  document: () => Promise<unknown>,
): Promise<RouteReply> {
  const etag = `"${tag}"`;
  const known = header('if-none-match');
  return known !== undefined && names(known, etag)
    ? { kind: 'json', status: 304, headers: { etag } }
    : json(200, await document(), { etag });
}
