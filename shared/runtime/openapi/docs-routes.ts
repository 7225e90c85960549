import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { TurnledgerError } from '../../contracts/index.ts';
import { defineRoute, type Route } from '../http/index.ts';

/**
 * Nothing from elsewhere, and no script or style but files of ours: Swagger UI sets its styles by script, which a policy does not forbid.
 * Pictures may be `data:`, since its style sheet has them so.
 */
const POLICY = [
  "default-src 'self'",
  "script-src 'self'",
  "style-src 'self'",
  "img-src 'self' data:",
  "object-src 'none'",
  "base-uri 'none'",
  "form-action 'none'",
  "frame-ancestors 'none'",
].join('; ');

const require = createRequire(import.meta.url);

/** Of swagger-ui-dist; our own script counts with it: `-1` is to be counted up when `START` changes. */
const VERSION = `${require('swagger-ui-dist/package.json').version}-1`;

const PAGE = `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>Turnledger</title>
<link rel="icon" href="/docs/favicon-32x32.png?v=${VERSION}">
<link rel="stylesheet" href="/docs/swagger-ui.css?v=${VERSION}">
</head>
<body>
<div id="docs"></div>
<script src="/docs/swagger-ui-bundle.js?v=${VERSION}"></script>
<script src="/docs/start.js?v=${VERSION}"></script>
</body>
</html>
`;

/** `validatorUrl: null`: else Swagger UI shows a badge that sends the description's address to its maker's server. */
const START = `SwaggerUIBundle({
  dom_id: '#docs',
  url: '/openapi.json',
  validatorUrl: null,
  deepLinking: true,
  tryItOutEnabled: true,
  displayRequestDuration: true,
});
`;

/** For a year: the page names each file with the version it is of, so that an update has other addresses. */
const ASSET_CACHING = 'public, max-age=31536000, immutable';

interface Asset {
  readonly contentType: string;
  /** Undefined: a file of swagger-ui-dist under the same name. */
  readonly text?: string;
}

/** All that is served under /docs: a list of ours, so that no name from outside ever becomes a path. */
const assets: ReadonlyMap<string, Asset> = new Map([
  ['start.js', { contentType: 'text/javascript; charset=utf-8', text: START }],
  ['swagger-ui-bundle.js', { contentType: 'text/javascript; charset=utf-8' }],
  ['swagger-ui.css', { contentType: 'text/css; charset=utf-8' }],
  ['favicon-32x32.png', { contentType: 'image/png' }],
]);

const readAsset = (name: string): Promise<Buffer> => readFile(require.resolve(`swagger-ui-dist/${name}`));

/** The page at `/docs` and its files, which are read at their first use and kept (2 MB). No request of theirs leaves this server. */
export function docsRoutes(): readonly Route[] {
  const read = new Map<string, Promise<Buffer>>();
  const contentOf = (name: string): Promise<Buffer> => {
    const content = read.get(name) ?? readAsset(name);
    read.set(name, content);
    // A read that failed is tried again.
    content.catch(() => read.delete(name));
    return content;
  };
  return [
    defineRoute({
      method: 'GET',
      path: '/docs',
      summary: 'Read this description in a browser',
      access: 'public',
      replies: { 200: { description: 'A page.', mediaType: 'text/html' } },
      handle: async () => ({
        kind: 'bytes',
        status: 200,
        contentType: 'text/html; charset=utf-8',
        body: PAGE,
        headers: { 'content-security-policy': POLICY, 'cache-control': 'no-cache' },
      }),
    }),
    defineRoute({
      method: 'GET',
      path: '/docs/:file',
      summary: 'Fetch a file of that page',
      access: 'public',
      replies: { 200: { description: 'A script, a style sheet or a picture.', mediaType: 'text/javascript' } },
      async handle({ params }) {
        const name = params.file ?? '';
        const asset = assets.get(name);
        if (!asset) throw new TurnledgerError('route_not_found');
        return {
          kind: 'bytes',
          status: 200,
          contentType: asset.contentType,
          body: asset.text ?? (await contentOf(name)),
          headers: { 'content-security-policy': POLICY, 'cache-control': ASSET_CACHING },
        };
      },
    }),
  ];
}
