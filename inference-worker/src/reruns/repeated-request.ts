import type { RepeatTurn, RerunOverrides } from '@turnledger/shared/domain';
import type { RecordedTurn } from './recorded-turn.ts';

/** What was asked, with what the re-run changes; undefined where its words have been erased. */
export function repeatedRequest(
  { position: _itsOwn, text, trigger, state, metadata, overrides, ...kept }: RecordedTurn['requested'],
  { temperature, topP, maxTokens }: RerunOverrides,
  changed: { readonly turnId: string; readonly scenarioVersion: number },
): RepeatTurn | undefined {
  if (text === null || trigger?.args === null) return undefined;
  const { stop, ...others } = overrides ?? {};
  const merged = {
    ...others,
    ...(stop && { stop }),
    ...(temperature !== undefined && { temperature }),
    ...(topP !== undefined && { topP }),
    ...(maxTokens !== undefined && { maxTokens }),
  };
  return {
    ...kept,
    ...changed,
    ...(text !== undefined && { text }),
    ...(trigger && { trigger: { name: trigger.name, ...(trigger.args !== undefined && { args: trigger.args }) } }),
    ...(state && { state: { rev: state.rev, data: state.data } }),
    ...(metadata && { metadata }),
    ...(Object.keys(merged).length > 0 && { overrides: merged }),
  };
}
