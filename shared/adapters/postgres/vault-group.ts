import { TurnledgerError } from '../../contracts/index.ts';

interface Waiting<Answer> {
  readonly answer: Promise<Answer | undefined>;
  readonly resolve: (answer: Answer | undefined) => void;
  readonly reject: (error: unknown) => void;
}

// Promise.withResolvers of Node 22, which Node 20 lacks.
function deferred<Value>() {
  let resolve: (value: Value) => void = () => undefined;
  let reject: (error: unknown) => void = () => undefined;
  const promise = new Promise<Value>((onValue, onError) => {
    resolve = onValue;
    reject = onError;
  });
  return { promise, resolve, reject };
}

export interface GroupOptions<Answer> {
  /** Asks for many keys at once, each named once; a key without an answer is left out. */
  readonly run: (keys: readonly string[]) => Promise<ReadonlyMap<string, Answer>>;
  readonly maxPerGroup: number;
  /** How many keys may wait; one more throws `store_unavailable` at once, nothing was sent for it. */
  readonly maxQueued: number;
}

/**
 * Makes many concurrent questions into few: one group is in flight at a time and what arrives meanwhile forms the next one, so that 200
 * new sessions at once cost two or three fsyncs instead of 200. Callers that ask for the same key share its answer, but never join a
 * group already sent: what they have just seen written elsewhere might not be in it. When a group fails, all its members throw what it
 * threw.
 */
export function groupByKey<Answer>({ run, maxPerGroup, maxQueued }: GroupOptions<Answer>) {
  const queue = new Map<string, Waiting<Answer>>();
  let running = false;

  const takeGroup = () => {
    const group = new Map<string, Waiting<Answer>>();
    for (const [key, waiting] of queue) {
      if (group.size === maxPerGroup) break;
      group.set(key, waiting);
      queue.delete(key);
    }
    return group;
  };

  const runGroup = async (group: ReadonlyMap<string, Waiting<Answer>>) => {
    try {
      const answers = await run([...group.keys()]);
      for (const [key, { resolve }] of group) resolve(answers.get(key));
    } catch (error) {
      for (const { reject } of group.values()) reject(error);
    }
  };

  const drain = async () => {
    running = true;
    // One turn of the microtask queue, so that callers of the same moment go together instead of the first one alone.
    await Promise.resolve();
    while (queue.size > 0) await runGroup(takeGroup());
    running = false;
  };

  return (key: string): Promise<Answer | undefined> => {
    const waiting = queue.get(key);
    if (waiting) return waiting.answer;
    if (queue.size >= maxQueued) {
      return Promise.reject(
        new TurnledgerError('store_unavailable', { detail: 'too many requests wait for the key vault' }),
      );
    }
    const { promise: answer, resolve, reject } = deferred<Answer | undefined>();
    queue.set(key, { answer, resolve, reject });
    if (!running) void drain();
    return answer;
  };
}
