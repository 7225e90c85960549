import type { SpectatedEvent, TurnledgerSession } from '@turnledger/shared/client';
import type { Command } from 'commander';
import { visible } from '../terminal/visible.ts';
import type { CliStage, OpenStage } from './cli-stage.ts';
import { eventId } from './flag-values.ts';
import { readAsked } from './read-asked.ts';
import { ReplyText } from './reply-text.ts';
import { askedText } from './turn-text.ts';

interface WatchFlags {
  readonly fromStart?: boolean;
  readonly after?: number;
}

/** `turnledger watch`: a session as it is played, by whomever, until it ends or Ctrl-C. */
export function addWatchCommand(program: Command, openStage: OpenStage): void {
  program
    .command('watch')
    .description('follow a session live, turn after turn, until it ends')
    .argument('<session>', "the session's id")
    .option('--from-start', 'what was said before comes first')
    .option('--after <id>', 'go on after this event of an earlier watch', eventId)
    .action(async (sessionId: string, { fromStart = false, after }: WatchFlags, command: Command) => {
      const stage = openStage(command);
      const session = stage.client.session(sessionId);
      const options = { ...(fromStart && { from: 'start' as const }), ...(after !== undefined && { after }) };
      const events = session.events(options);
      if (stage.isJson) for await (const event of events) stage.printJson(event);
      else await tell(stage, session, events);
    });
}

async function tell(
  { streams, print, note }: CliStage,
  session: TurnledgerSession,
  events: AsyncIterable<SpectatedEvent>,
): Promise<void> {
  const reply = new ReplyText({ write: (text) => streams.stdout.write(text), note: print });
  try {
    for await (const event of events) {
      switch (event.type) {
        case 'session.rewound':
          print(`(rewound to ${event.position === 0 ? 'the start' : `turn ${event.position}`})`);
          break;
        case 'session.reconfigured':
          print(`(goes on under version ${event.scenario.version} of ${visible(event.scenario.id)})`);
          break;
        case 'session.ended':
          print(`(the session has ended: ${visible(event.outcome)})`);
          break;
        default:
          if (event.type === 'turn.requested') print(askedText(await readAsked(session, event)));
          reply.take(event);
      }
    }
  } catch (problem) {
    reply.breakOff();
    note('The watch broke off.');
    throw problem;
  }
}
