import { describe, expect, test } from '@jest/globals';
import { ChangeSignal } from '../change-signal.ts';
import { HeadQuestion } from './head-question.ts';
import { OwnHead } from './own-head.ts';
import type { LogPlace } from './read-events.ts';

const never = new AbortController().signal;

/** A question over a log whose every read the test answers. */
function asking() {
  const reads: Array<{ readonly resolve: (page: readonly LogPlace[]) => void; readonly reject: (why: Error) => void }> =
    [];
  const head = new OwnHead(
    () => new Promise((resolve, reject) => reads.push({ resolve, reject })),
    () => 0,
  );
  const changes = new ChangeSignal();
  return { reads, changes, question: new HeadQuestion(head, changes) };
}
const at = (position: bigint): readonly LogPlace[] => [{ position, isOwn: true }];

describe('HeadQuestion', () => {
  test('has its answer once, and raises the signal for it', async () => {
    const { reads, changes, question } = asking();
    question.ask();
    expect(question.isAsked).toBe(true);
    expect(question.takeAnswer()).toBeUndefined();
    const raised = changes.changed(changes.version, never);
    reads[0]?.resolve(at(5n));
    await raised;
    expect(question.isAsked).toBe(false);
    expect(question.takeAnswer()).toBe(5n);
    expect(question.takeAnswer()).toBeUndefined();
  });

  test('forgets an answer to what was asked before an event came', async () => {
    const { reads, changes, question } = asking();
    question.ask();
    question.drop();
    const raised = changes.changed(changes.version, never);
    reads[0]?.resolve(at(5n));
    await raised;
    expect(question.takeAnswer()).toBeUndefined();
  });

  test('is asked once at a time, and again after a failure, which it names', async () => {
    const { reads, changes, question } = asking();
    question.ask();
    question.ask();
    expect(reads).toHaveLength(1);
    const raised = changes.changed(changes.version, never);
    reads[0]?.reject(new RangeError('no answer'));
    await raised;
    expect(question.failure).toBe('no answer');
    question.ask();
    const answered = changes.changed(changes.version, never);
    reads[1]?.resolve(at(7n));
    await answered;
    expect([question.takeAnswer(), question.failure]).toEqual([7n, undefined]);
  });
});
