import type { Trigger } from './events.ts';

/**
 * What the character reacts to: what was said, or what happened in the game as JSON, like its state; undefined once erased.
 *
 * Assembler version 1 gives it to the model, and its tokens are counted when the turn is recorded: another text needs another version.
 */
export function turnInput(
  text: string | null | undefined,
  trigger: Trigger<'plain' | 'opened'> | undefined,
): string | undefined {
  if (!trigger) return text ?? undefined;
  const { name, args } = trigger;
  return args === null ? undefined : JSON.stringify({ game_event: args === undefined ? { name } : { name, args } });
}
