/**
 * Whether an If-None-Match header names an ETag (with its quotes), quoted or bare. Compared weakly, as RFC 9110, 13.1.2 has it, so `W/"3"`
 * stands for `"3"`: a proxy that compresses makes a tag weak. `*` names any.
 */
export function namesEtag(header: string | undefined, etag: string): boolean {
  if (header === undefined) return false;
  const tags = header.split(',').map((tag) => tag.trim().replace(/^W\//, ''));
  return tags.some((tag) => tag === '*' || tag === etag || `"${tag}"` === etag);
}
