import {
  emptyVaultRecords,
  MemoryEventLog,
  openMemoryKeyVault,
  openMemoryLeadership,
} from '@turnledger/shared/adapters/memory';
import { systemClock as clock, systemIds as ids } from '@turnledger/shared/adapters/system';
import { rerunStream, sessionStream } from '@turnledger/shared/contracts';
import {
  cancelRerun,
  type RerunRequest,
  type RerunState,
  requestRerun,
  type SessionState,
  turnsToRepeat,
} from '@turnledger/shared/domain';
import type { Model, TurnMessage } from '@turnledger/shared/ports';
import { openLedger, silentLog } from '@turnledger/shared/runtime';
import { type PlayedPorts, publishSample, requestSample, startSample } from '@turnledger/shared/testing';
import { FencedCalls } from '../../fenced-calls.ts';
import { runTurn } from '../../run-turn.ts';
import type { RerunPorts } from '../rerun-ports.ts';
import { runRerun } from '../run-rerun.ts';
import { silentFeed } from '../silent-feed.ts';
import { type AnsweringModel, echo } from './answering-model.ts';

export const context = { actor: 'operator', correlationId: 'test' };
export const neverAborts = () => new AbortController().signal;

/** Overrides by which every turn is asked of the stage's other model. */
export const asksOther = { model: { name: 'other-model', endpoint: 'candidate' } };

export const byPosition = ({ comparisons }: RerunState) =>
  [...comparisons].sort((one, next) => one.position - next.position);

/** A worker's ports over a log in memory: sessions are played on it, and re-runs of them asked for and run. */
export class RerunStage {
  readonly log = new MemoryEventLog({ clock });
  readonly vault = openMemoryKeyVault({ ids, records: emptyVaultRecords() });
  /** At the endpoint `main`, which sessions are played with. */
  readonly main: AnsweringModel;
  /** At the endpoint `candidate`. */
  readonly other: AnsweringModel;
  ports: RerunPorts;

  constructor({ main = echo('main-model'), other = echo('other-model') } = {}) {
    this.main = main;
    this.other = other;
    this.ports = {
      ledger: openLedger({ log: this.log, vault: this.vault, clock, ids }),
      vault: this.vault,
      feed: silentFeed,
      clock,
      ids,
      log: silentLog,
      models: new Map([
        ['main', main],
        ['candidate', other],
      ]),
      holders: { isLost: async () => true },
      views: { query: async () => [] },
      leadership: openMemoryLeadership({ clock, report: () => {} }),
    };
  }

  get played(): PlayedPorts {
    return { ledger: this.ports.ledger, vault: this.vault, log: this.log, ids };
  }

  /** From now on these models are there, by their endpoints, and no others. */
  answerBy(...models: [string, Model][]): void {
    this.ports = { ...this.ports, models: new Map(models) };
  }

  /** The ports of a process that sees another log or key vault in the place of these. */
  portsOver({ log = this.log, vault = this.vault }: Partial<Pick<PlayedPorts, 'log' | 'vault'>>): RerunPorts {
    return { ...this.ports, vault, ledger: openLedger({ log, vault, clock, ids }) };
  }

  /** Plays turns as a worker does, so that their prompts are recorded as they were sent. */
  async play(sessionId: string, ...texts: readonly string[]): Promise<readonly TurnMessage[]> {
    const messages: TurnMessage[] = [];
    for (const text of texts) {
      const message = await requestSample(this.played, sessionId, { text });
      await runTurn(this.ports, { message, worker: ids.uuid(), signal: neverAborts() });
      messages.push(message);
    }
    return messages;
  }

  /** A session of three turns. */
  async recorded(changes: Parameters<typeof publishSample>[1] = {}): Promise<string> {
    await publishSample(this.played, changes);
    const sessionId = await startSample(this.played);
    await this.play(sessionId, 'Who goes there?', 'Let me pass.', 'Then fight me.');
    return sessionId;
  }

  stateOf(sessionId: string): Promise<SessionState> {
    return this.ports.ledger.sessions.load(sessionStream(sessionId));
  }

  stateOfRerun(rerunId: string): Promise<RerunState> {
    return this.ports.ledger.reruns.load(rerunStream(rerunId));
  }

  /** Asks for a re-run of all turns that sessions have now. */
  async ask(sessionIds: readonly string[], changes: Partial<RerunRequest> = {}, rerunId = ids.uuid()): Promise<string> {
    const newest = async (sessionId: string) => {
      const { history } = await this.stateOf(sessionId);
      return { sessionId, throughTurnId: history?.turnId ?? '' };
    };
    return this.askThrough(await Promise.all(sessionIds.map(newest)), changes, rerunId);
  }

  /** Asks for a re-run of the turns of sessions through one of each. */
  async askThrough(
    histories: readonly { readonly sessionId: string; readonly throughTurnId: string }[],
    changes: Partial<RerunRequest> = {},
    rerunId = ids.uuid(),
  ): Promise<string> {
    const sources = [];
    for (const { sessionId, throughTurnId } of histories) {
      const { length: turns } = turnsToRepeat(await this.stateOf(sessionId), throughTurnId);
      sources.push({ sessionId, throughTurnId, turns });
    }
    const request: RerunRequest = {
      scenarioId: 'tavern',
      mode: 'teacher_forced',
      sources,
      turns: sources.reduce((sum, { turns }) => sum + turns, 0),
      overrides: {},
      reuse: true,
      concurrency: 4,
      bodyHash: 'a0'.repeat(32),
      ...changes,
    };
    const { reruns } = this.ports.ledger;
    await reruns.transact(rerunStream(rerunId), (state) => requestRerun(request, state), { context });
    return rerunId;
  }

  async cancel(rerunId: string): Promise<void> {
    const { reruns } = this.ports.ledger;
    await reruns.transact(rerunStream(rerunId), (state) => cancelRerun({ by: 'operator' }, state), { context });
  }

  /** Runs a re-run once, as a worker of its own; answers what the log has of it then. */
  async run(
    rerunId: string,
    { leaving = neverAborts(), deadline = neverAborts(), on = this.ports } = {},
  ): Promise<RerunState> {
    const worker = ids.uuid();
    const calls = new FencedCalls({ clock, log: silentLog, worker });
    await runRerun(on, { rerunId, worker, leaving, deadline }, calls);
    return this.stateOfRerun(rerunId);
  }
}
