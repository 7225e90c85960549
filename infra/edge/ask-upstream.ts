import { get, type IncomingMessage } from 'node:http';
import { text } from 'node:stream/consumers';
import { limits, TurnledgerError } from '@turnledger/shared/contracts';
import { z } from 'zod';
import type { Upstreams } from './upstreams.ts';

export interface UpstreamAnswer {
  readonly status: number;
  readonly body: { readonly [member: string]: unknown };
}

const document = z.record(z.string(), z.unknown());

/**
 * Asks one of the upstreams for a JSON document of its own, as its caller would. Throws `service_unavailable` when it does not answer
 * within limits.edge.readyTimeoutMs, or answers anything else, or more than limits.edge.maxDocumentBytes.
 */
export async function askUpstream(upstreams: Upstreams, path: string, asked: IncomingMessage): Promise<UpstreamAnswer> {
  const target = upstreams.next();
  const signal = AbortSignal.timeout(limits.edge.readyTimeoutMs);
  try {
    const response = await new Promise<IncomingMessage>((resolve, reject) => {
      const headers = { host: asked.headers.host, accept: 'application/json' };
      get(new URL(path, target), { agent: upstreams.agent, headers, signal }, resolve).on('error', reject);
    });
    let bytes = 0;
    response.on('data', (chunk: Buffer) => {
      bytes += chunk.length;
      if (bytes > limits.edge.maxDocumentBytes) response.destroy();
    });
    return { status: response.statusCode ?? 0, body: document.parse(JSON.parse(await text(response))) };
  } catch (cause) {
    upstreams.rest(target);
    throw new TurnledgerError('service_unavailable', { detail: upstreams.name, cause });
  }
}
