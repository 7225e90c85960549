import { json, namesEtag, type RouteReply, type RouteRequest } from '@turnledger/shared/runtime';

/**
 * A document with its ETag, or 304 without one when the client has that very version already; then the document is not even made. `tag`
 * changes whenever the document does: a revision, or more where one does not tell it all.
 */
export async function unlessKnown(
  { header }: Pick<RouteRequest<unknown, unknown>, 'header'>,
  tag: string | number,
  document: () => Promise<unknown>,
): Promise<RouteReply> {
  const etag = `"${tag}"`;
  return namesEtag(header('if-none-match'), etag)
    ? { kind: 'json', status: 304, headers: { etag } }
    : json(200, await document(), { etag });
}
