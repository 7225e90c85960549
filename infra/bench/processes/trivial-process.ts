import { randomUUID } from 'node:crypto';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { answerQuestions } from './asked-process.ts';

/**
 * A server with Turnledger's two routes and nothing behind them. What the load generator reaches here is the generator's own ceiling:
 * a contender near it was not measured.
 */
const server = createServer((request, response) => {
  let body = '';
  request.setEncoding('utf8').on('data', (part: string) => {
    body += part;
  });
  request.on('end', () => {
    const { prompt = '', stream = false } = JSON.parse(body);
    const turn = { id: randomUUID(), status: 'completed', response: `heard: ${prompt}` };
    if (!stream) {
      response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify(turn));
      return;
    }
    const delta = { turn_id: turn.id, attempt: 1, text: turn.response };
    const events = [
      `event: reply.delta\ndata: ${JSON.stringify(delta)}\n\n`,
      `event: turn.completed\ndata: ${JSON.stringify(turn)}\n\n`,
    ];
    response.writeHead(200, { 'content-type': 'text/event-stream' }).end(events.join(''));
  });
});
await new Promise<void>((resolve) => {
  server.listen(0, '127.0.0.1', resolve);
});

answerQuestions(async () => ({ url: `http://127.0.0.1:${(server.address() as AddressInfo).port}` }));
