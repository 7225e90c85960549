import { visibleText } from './move-fence.ts';

/**
 * How a model is asked for a move: in a fenced block at the end of its words, which any model can write, or as a member of the one JSON
 * object that an endpoint with structured output answers with.
 */
export type MoveForm = 'block' | 'structured';

type PromptForm = MoveForm | 'plain';

/**
 * The versions of the assembler, recorded with every prompt: the flag of an endpoint may change, and the prompt of a past turn is built again,
 * and its answer read, as it was. A change to what one gives is a new version beside these (rule 9).
 */
export const promptAssemblers: { readonly [form in PromptForm]: number } = { plain: 1, block: 2, structured: 3 };

/** Those whose prompts are told a summary: the same with a message more. A prompt that is told none is of the version without. */
export const summaryAssemblers: { readonly [form in PromptForm]: number } = { plain: 4, block: 5, structured: 6 };

/**
 * What followers were shown of an attempt that failed, whose text is recorded word for word: never a move, and nothing of a structured answer,
 * which is shown once it is whole and valid. Nothing either where the prompt is of a version that is not known here.
 */
export function shownOfFailed(recorded: string, assembler: number): string {
  const isOf = (form: PromptForm) => [promptAssemblers[form], summaryAssemblers[form]].includes(assembler);
  if (isOf('plain')) return recorded;
  return isOf('block') ? visibleText(recorded) : '';
}
