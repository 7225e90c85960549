import { z } from 'zod';
import { type Json, jsonPointerPattern } from '../../domain/index.ts';
import { limits } from '../limits.ts';

const { http, scenario } = limits;

/** In small letters, as every id of ours is recorded. */
export const uuidField = z.uuid().toLowerCase();
export const outsideIdPattern = /^[A-Za-z0-9._:@-]{1,128}$/;
export const scenarioIdPattern = /^[a-z0-9][a-z0-9._-]{0,63}$/;
export const outsideIdField = z.string().regex(outsideIdPattern, 'must be 1 to 128 of A-Z a-z 0-9 . _ : @ -');
export const scenarioIdField = z.string().regex(scenarioIdPattern, 'must be 1 to 64 of a-z 0-9 . _ -');
/** A language as BCP 47 has it, in the shape of its common tags. */
export const localeField = z
  .string()
  .regex(/^[a-z]{2,3}(-[A-Za-z0-9]{2,8}){0,3}$/, 'must be a language tag, as in pt or pt-PT');
export const endpointField = z.string().regex(/^[a-z][a-z0-9_]{0,63}$/, 'must be the name of a configured endpoint');
export const modelNameField = z.string().min(1).max(limits.worker.maxProviderTextChars);
export const temperatureField = z.number().min(0).max(2);
export const topPField = z.number().min(0).max(1);
export const maxTokensField = z.int().min(1).max(scenario.maxReplyTokens);
export const stopsField = z.array(z.string().min(1).max(scenario.maxStopChars)).max(scenario.maxStops);
/** As OpenAI has it: one string or a list. */
export const stopField = z.union([
  z
    .string()
    .min(1)
    .max(scenario.maxStopChars)
    .transform((stop) => [stop]),
  stopsField,
]);

/** Up to 16 pairs that mean something to the game alone. */
export const metadataField = z
  .record(
    z.string().min(1).max(http.maxMetadataKeyChars),
    z.union([z.string().max(http.maxMetadataValueChars), z.number(), z.boolean()]),
  )
  .refine((pairs) => Object.keys(pairs).length <= http.maxMetadataPairs, `at most ${http.maxMetadataPairs} pairs`);

/** Any JSON; depth and characters are checked for the whole body before. */
export const jsonField: z.ZodType<Json> = z.json() as z.ZodType<Json>;

/** Something that happened in the game, to which the character speaks first. */
export const triggerField = z.strictObject({
  name: z.string().regex(/^[a-z][a-z0-9_]{0,63}$/, 'must be 1 to 64 of a-z 0-9 _, a letter first'),
  args: jsonField.optional(),
});

const patchPointer = z.string().max(scenario.maxPointerChars).regex(jsonPointerPattern, 'must be a JSON pointer');
const withValue = { path: patchPointer, value: jsonField };

/** RFC 6902 has members that an operation does not know ignored: programs that make patches add their own. */
const patchOperation = z.discriminatedUnion('op', [
  z.object({ op: z.literal('add'), ...withValue }),
  z.object({ op: z.literal('remove'), path: patchPointer }),
  z.object({ op: z.literal('replace'), ...withValue }),
  z.object({ op: z.literal('move'), from: patchPointer, path: patchPointer }),
  z.object({ op: z.literal('copy'), from: patchPointer, path: patchPointer }),
  z.object({ op: z.literal('test'), ...withValue }),
]);

/** The whole state, or how it differs from the newest. */
export const gameStateField = z
  .strictObject({
    rev: z.int().min(0).meta({ description: "The game's own number of the state." }),
    data: jsonField.optional().meta({ description: 'All of it.' }),
    patch: z.array(patchOperation).max(http.maxPatchOperations).optional().meta({
      description: 'In place of `data`: a JSON Patch (RFC 6902) to the newest state; not with a player token.',
    }),
    base_rev: z
      .int()
      .min(0)
      .optional()
      .meta({ description: 'Beside `patch`: refuse it (409) unless the newest state has this rev.' }),
  })
  .refine((state) => (state.data === undefined) !== (state.patch === undefined), {
    error: 'needs data or patch, one of the two',
    path: ['data'],
  })
  .refine((state) => state.base_rev === undefined || state.patch !== undefined, {
    error: 'is for a patch',
    path: ['base_rev'],
  });
