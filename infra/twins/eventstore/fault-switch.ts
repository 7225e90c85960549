import { setTimeout as delay } from 'node:timers/promises';
import {
  type CallKind,
  type EventStoreFault,
  type EventStoreFaultSpec,
  eventStoreFaultSchema,
} from './event-store-fault.ts';
import { notLeader, type Refusal, unavailable } from './refusals.ts';

/** How one call is to be treated. */
export type CallVerdict =
  | { readonly verdict: 'serve' }
  | { readonly verdict: 'refuse'; readonly refusal: Refusal }
  /** Neither done nor answered. */
  | { readonly verdict: 'ignore' }
  /** Done and not answered. */
  | { readonly verdict: 'serve_unanswered' };

/** The switches of a running twin. */
export interface EventStoreFaults {
  /** The fault that rules now, if any. */
  readonly current: EventStoreFault | undefined;
  /** Calls that have fallen to faults since the start. */
  readonly hits: number;
  /** Rules from now on instead of what ruled before. Throws a ZodError for what is no fault. */
  set(fault: EventStoreFaultSpec): void;
  /** Back to good order. Calls that were ignored stay without an answer. */
  heal(): void;
}

type CallFault = Exclude<EventStoreFault, { kind: 'graceful_end' | 'consumer_too_slow' | 'kill_mid_batch' }>;

export interface FaultSwitch extends EventStoreFaults {
  /** The fault that rules calls of this kind for as long as it is set: what stays open minds it, a fault of so many calls it does not. */
  lasting(call: CallKind): CallFault | undefined;
  verdictOn(call: CallKind, requiresLeader: boolean): Promise<CallVerdict>;
  /** Told of every change, with the fault that rules from now on. */
  onChange(listener: (fault: EventStoreFault | undefined) => void): () => void;
  /** Counts an append's answer; false when a kill is under way that must not let it out. */
  mayAnswerAppend(): boolean;
}

/** Kinds that say how a call is treated; the others are about what stays open. */
const isOfCalls = (fault: EventStoreFault | undefined): fault is CallFault =>
  fault !== undefined &&
  fault.kind !== 'graceful_end' &&
  fault.kind !== 'consumer_too_slow' &&
  fault.kind !== 'kill_mid_batch';

const fallsOn = (fault: CallFault, call: CallKind, requiresLeader: boolean): boolean => {
  if (fault.kind === 'not_leader' && call !== 'append' && !requiresLeader) return false;
  // A client asks for the server's features when it pleases: that must not use up a fault that is meant for one append.
  if (call === 'other') return fault.calls === undefined && fault.times === undefined;
  return fault.calls === undefined || fault.calls === call;
};

const SERVE: CallVerdict = { verdict: 'serve' };

const verdictOf = async (fault: CallFault): Promise<CallVerdict> => {
  if (fault.kind === 'silent') return { verdict: 'ignore' };
  if (fault.kind === 'execute_and_timeout') return { verdict: 'serve_unanswered' };
  if (fault.kind === 'unavailable') return { verdict: 'refuse', refusal: unavailable() };
  if (fault.kind === 'not_leader') return { verdict: 'refuse', refusal: notLeader(fault.host, fault.port) };
  if (fault.kind === 'slow') await delay(fault.delayMs, undefined, { ref: false });
  return SERVE;
};

/** Makes the switches; `resetConnections` is what the kill at its end does. */
export const createFaultSwitch = (resetConnections: () => void): FaultSwitch => {
  const listeners = new Set<(fault: EventStoreFault | undefined) => void>();
  let current: EventStoreFault | undefined;
  let hits = 0;
  let callsLeft = Number.POSITIVE_INFINITY;
  let answersLeft = Number.POSITIVE_INFINITY;

  const rule = (fault: EventStoreFault | undefined) => {
    current = fault;
    callsLeft = (isOfCalls(fault) ? fault.times : undefined) ?? Number.POSITIVE_INFINITY;
    answersLeft = fault?.kind === 'kill_mid_batch' ? fault.answers : Number.POSITIVE_INFINITY;
    for (const listener of [...listeners]) listener(fault);
    if (fault?.kind === 'consumer_too_slow') rule(undefined);
  };

  return {
    get current() {
      return current;
    },
    get hits() {
      return hits;
    },
    lasting: (call) =>
      isOfCalls(current) && current.times === undefined && fallsOn(current, call, false) ? current : undefined,
    set: (spec) => rule(eventStoreFaultSchema.parse(spec)),
    heal: () => rule(undefined),
    verdictOn(call, requiresLeader) {
      const fault = current;
      if (!isOfCalls(fault) || !fallsOn(fault, call, requiresLeader)) return Promise.resolve(SERVE);
      hits += 1;
      callsLeft -= 1;
      const verdict = verdictOf(fault);
      if (callsLeft <= 0) rule(undefined);
      return verdict;
    },
    onChange(listener) {
      listeners.add(listener);
      return () => void listeners.delete(listener);
    },
    mayAnswerAppend() {
      const fault = current;
      if (fault?.kind !== 'kill_mid_batch') return true;
      answersLeft -= 1;
      if (answersLeft === -1) {
        hits += 1;
        setTimeout(() => {
          if (current === fault) rule(undefined);
          resetConnections();
        }, fault.graceMs).unref();
      }
      return answersLeft >= 0;
    },
  };
};
