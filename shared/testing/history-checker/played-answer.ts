import type { HistoryValue, ModelCall } from './history.ts';
import type { PlayedEnding, TurnStage } from './turn-stage.ts';

type Message = ModelCall['messages'][number];

/** What later prompts hold of a turn. */
export const rememberedAs = (prompt: string, { remembered }: PlayedEnding): readonly Message[] =>
  remembered === undefined
    ? []
    : [
        { role: 'user', content: prompt },
        { role: 'assistant', content: remembered },
      ];

/** What the client of a turn is told. */
export const answerOf = ({ turnId, sessionId }: TurnStage, ending: PlayedEnding, isStreamed: boolean): HistoryValue => {
  const { status, reply, fallback, attempts } = ending;
  const shown = isStreamed ? { shown: { attempt: attempts, text: reply?.slice(0, 6) ?? '' } } : {};
  return { turnId, sessionId, status, reply, fallback, attempts, ...shown };
};
