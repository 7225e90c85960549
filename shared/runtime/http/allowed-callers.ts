import type { Middleware } from 'koa';
import { LRUCache } from 'lru-cache';
import { limits, TurnledgerError } from '../../contracts/index.ts';

const hostNameOf = (host: string): string | undefined => {
  try {
    return new URL(`http://${host}`).hostname;
  } catch {
    return undefined;
  }
};

const originHostOf = (origin: string): string | undefined => {
  try {
    return new URL(origin).hostname;
  } catch {
    return undefined;
  }
};

/** Names a browser on this machine may reach us under when there are no tokens. */
export const loopbackHosts: readonly string[] = ['localhost', '127.0.0.1', '[::1]'];

/**
 * Refuses requests whose Host, or Origin where sent, is not on the list: listening on loopback alone does not stop a web page whose name
 * was made to resolve to 127.0.0.1 (DNS rebinding). Throws `host_not_allowed`, `origin_not_allowed`.
 */
export function allowedCallers(hosts: readonly string[]): Middleware {
  const allowed = new Set(hosts);
  // The same few spellings come again and again, and taking a URL apart costs 2 µs.
  const seen = new LRUCache<string, true>({ max: limits.access.maxKnownHosts });
  return async (context, next) => {
    const given = context.req.headers.host ?? '';
    if (!seen.has(given)) {
      const host = hostNameOf(given);
      if (host === undefined || !allowed.has(host)) throw new TurnledgerError('host_not_allowed');
      seen.set(given, true);
    }
    const { origin } = context.req.headers;
    if (origin !== undefined) {
      const originHost = originHostOf(origin);
      if (originHost === undefined || !allowed.has(originHost)) throw new TurnledgerError('origin_not_allowed');
    }
    await next();
  };
}
