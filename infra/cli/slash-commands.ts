import { textTable } from '../terminal/text-table.ts';
import { visible, visibleText } from '../terminal/visible.ts';
import { wrongUse } from './exit-codes.ts';
import type { PlayTable } from './play-table.ts';
import { forkPoint, rewindTarget } from './saves.ts';
import { turnLines } from './turn-text.ts';

/** A line that is for the program, not for the character. */
interface SlashCommand {
  readonly name: string;
  readonly argument?: string;
  /** Its argument is a text, blanks and all. */
  readonly takesText?: true;
  readonly about: string;
  /** Rejects with TurnledgerProblem; `leave` ends the chat. */
  run(table: PlayTable, argument: string | undefined): Promise<'stay' | 'leave'>;
}

type Outcome = NonNullable<NonNullable<Parameters<PlayTable['session']['end']>[0]>['outcome']>;

/** One row a command; a new one is a row here and its method of the client. */
const slashCommands: readonly SlashCommand[] = [
  {
    name: 'help',
    about: 'list these commands',
    run: async ({ stage }) => {
      for (const line of slashHelp()) stage.note(line);
      return 'stay';
    },
  },
  {
    name: 'history',
    about: 'show what was said so far',
    run: async ({ stage, session, leaving }) => {
      for await (const turn of session.turns({ signal: leaving.signal })) {
        if (stage.isJson) stage.printJson(turn);
        else for (const line of turnLines(turn)) stage.print(line);
      }
      return 'stay';
    },
  },
  {
    name: 'state',
    about: "show the game's state as the last turn brought it",
    run: async ({ stage, session, leaving }) => {
      const state = await session.state({ signal: leaving.signal });
      if (stage.isJson) stage.printJson(state);
      else if (state.rev === null) stage.note('No turn has brought a state yet.');
      else stage.print(`${state.rev}: ${visibleText(JSON.stringify(state.data, null, 2))}`);
      return 'stay';
    },
  },
  {
    name: 'bookmark',
    argument: '[label]',
    takesText: true,
    about: 'mark the newest turn, to come back to it',
    run: async ({ stage, session, leaving }, label) => {
      const made = await session.bookmark({ ...(label !== undefined && { label }), signal: leaving.signal });
      if (stage.isJson) stage.printJson(made);
      else stage.print(`turn ${made.position}: ${visible(made.bookmark)}`);
      return 'stay';
    },
  },
  {
    name: 'rewind',
    argument: '<turn, bookmark or start>',
    about: 'go back to a turn; what came after it is forgotten',
    run: async ({ stage, session, leaving }, target) => {
      if (target === undefined) throw wrongUse('/rewind takes a turn of /history, a bookmark, or start.');
      const { turns } = await session.rewind(await rewindTarget(session, target, leaving.signal), {
        signal: leaving.signal,
      });
      stage.note(turns === 0 ? 'Back at the start.' : `Back at turn ${turns}.`);
      return 'stay';
    },
  },
  {
    name: 'fork',
    argument: '[turn or bookmark]',
    about: 'go on from a turn, by default the newest, in a session of its own',
    run: async (table, from) => {
      const { stage, session, leaving } = table;
      const point = from === undefined ? {} : await forkPoint(session, from, leaving.signal);
      const fork = await session.fork(point, { signal: leaving.signal });
      table.session = fork;
      if (stage.isJson) stage.printJson(fork.record);
      else stage.note(`session ${fork.id}, from turn ${fork.record.turns} of ${session.id}`);
      return 'stay';
    },
  },
  {
    name: 'end',
    argument: '[outcome]',
    about: 'end the session: completed, won, lost, drawn, abandoned',
    run: async ({ stage, session, leaving }, outcome) => {
      // The service knows which outcomes there are.
      const given = outcome !== undefined && { outcome: outcome as Outcome };
      const ended = await session.end({ ...given, signal: leaving.signal });
      stage.note(`The session has ended: ${ended.outcome}.`);
      return 'leave';
    },
  },
  { name: 'quit', about: 'leave; the session stays open, and --session goes on with it', run: async () => 'leave' },
];

/** The commands as lines. */
export const slashHelp = (): readonly string[] =>
  textTable(slashCommands.map(({ name, argument = '', about }) => [`/${name} ${argument}`.trim(), about]));

export const isSlashLine = (line: string): boolean => line.startsWith('/');

/** Runs the command of a line. Throws `config_invalid` for one that is not there, and rejects with what it rejects with. */
export async function runSlashLine(table: PlayTable, line: string): Promise<'stay' | 'leave'> {
  const [name = '', ...words] = line.slice(1).trim().split(/\s+/);
  const command = slashCommands.find((one) => one.name === name);
  if (command === undefined) throw wrongUse(`There is no /${name}; /help lists what there is.`);
  const [argument, ...more] = command.takesText && words.length > 0 ? [words.join(' ')] : words;
  const isTooMuch = more.length > 0 || (argument !== undefined && command.argument === undefined);
  if (isTooMuch) throw wrongUse(`/${name} takes ${command.argument ?? 'nothing more'}.`);
  return command.run(table, argument);
}
