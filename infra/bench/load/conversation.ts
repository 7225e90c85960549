export interface ConversationMessage {
  readonly role: 'system' | 'user' | 'assistant';
  readonly content: string;
}

/** What a game without Turnledger keeps itself: the messages so far, as far as its window goes. */
export interface Conversation {
  /** The prompt for the next turn. */
  messages(prompt: string): ConversationMessage[];
  /** Takes the turn into the history; after `turnsPerSession` turns a new conversation begins. */
  record(prompt: string, reply: string): void;
}

/** The benchmark's character: the same text in our scenario and in a client's own prompt. */
export const persona = {
  name: 'Marta Reis',
  instructions: 'You are a harbour clerk in Lisbon, 1943, with something to hide. Answer in two sentences.',
} as const;

/** Sends the model as many messages as Turnledger does for the same turn of a session, so that the twin has the same work. */
export function startConversation(turnsPerSession: number, windowTurns: number): Conversation {
  const system: ConversationMessage = {
    role: 'system',
    content: `You are ${persona.name}.\n\n${persona.instructions}`,
  };
  let past: ConversationMessage[] = [];
  let turns = 0;
  return {
    messages: (prompt) => [system, ...past, { role: 'user', content: prompt }],
    record(prompt, reply) {
      turns += 1;
      if (turns >= turnsPerSession) {
        past = [];
        turns = 0;
        return;
      }
      past.push({ role: 'user', content: prompt }, { role: 'assistant', content: reply });
      if (past.length > 2 * windowTurns) past = past.slice(past.length - 2 * windowTurns);
    },
  };
}
