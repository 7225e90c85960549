import { createHash } from 'node:crypto';
import { z } from 'zod';
import { defineRoute, json, namesEtag, type Route } from '../http/index.ts';
import { describeRoutes } from './describe-routes.ts';
import { docsRoutes } from './docs-routes.ts';

/**
 * The routes that describe `routes` and themselves: `/openapi.json`, and the page at `/docs` that shows it. The text is made once, here;
 * its ETag is of its content, so that every process of one version answers the same.
 */
export function descriptionRoutes(routes: readonly Route[]): readonly Route[] {
  let text = '';
  let etag = '';
  const described = defineRoute({
    method: 'GET',
    path: '/openapi.json',
    summary: 'Show this description (OpenAPI 3.1)',
    access: 'public',
    headers: ['If-None-Match'],
    replies: { 200: { description: 'The description.', schema: z.record(z.string(), z.unknown()) } },
    handle: async ({ header }) => {
      const headers = { etag, 'cache-control': 'no-cache' };
      if (namesEtag(header('if-none-match'), etag)) return json(304, undefined, headers);
      return { kind: 'bytes', status: 200, contentType: 'application/json; charset=utf-8', body: text, headers };
    },
  });
  const all = [described, ...docsRoutes()];
  text = JSON.stringify(describeRoutes([...routes, ...all]));
  etag = `"${createHash('sha256').update(text).digest('base64url').slice(0, 22)}"`;
  return all;
}
